// One title after the other by keys: C confirms, R goes to the reason and sends back from there, N and P lead on.
(() => {
  const form = document.getElementById("check");
  const reason = form.querySelector("[name=reason]");
  const press = (name) => form.querySelector(`button[name=${name}]`).click();
  const keys = {
    c: () => press("confirm"),
    r: () => reason.focus(),
    n: () => form.dataset.after && window.location.assign(form.dataset.after),
    p: () => form.dataset.before && window.location.assign(form.dataset.before),
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.target === reason && event.key === "Enter") {
      event.preventDefault();
      press("send_back");
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key.toLowerCase()]) {
      event.preventDefault();
      keys[event.key.toLowerCase()]();
    }
  });
})();
