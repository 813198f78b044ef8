// A row is decided by one key: a figure for a candidate, N for a new enterprise, X for none of ours, S to go on, / to search.
(() => {
  const form = document.getElementById("match");
  if (!form) return;
  const search = document.getElementById("match-q");
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    const button = form.querySelector(`button[data-key="${CSS.escape(key)}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    } else if (key === "s") {
      event.preventDefault();
      document.getElementById("skip").click();
    } else if (key === "/") {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
})();
