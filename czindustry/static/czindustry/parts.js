// The part of a page that costs as much as the rest: asked for once the page is there. Where that fails, the link that
// stands in its place leads to the whole page.
(() => {
  for (const part of document.querySelectorAll("[data-part]")) {
    fetch(part.dataset.part)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((made) => {
        part.innerHTML = made;
        part.removeAttribute("data-part");
        if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
      })
      .catch(() => {})
      .finally(() => part.setAttribute("aria-busy", "false"));
  }
})();
