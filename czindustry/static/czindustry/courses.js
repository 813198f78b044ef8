// The small pictures of the overview: asked for once the page is there. Without them each word leads to the course itself.
(() => {
  const part = document.querySelector("[data-courses]");
  if (!part) return;
  fetch(part.dataset.courses)
    .then((answer) => (answer.ok ? answer.json() : {}))
    .then((drawn) => {
      for (const link of part.querySelectorAll("[data-course]")) {
        const picture = drawn[link.dataset.course];
        if (picture) link.innerHTML = picture;
      }
    })
    .catch(() => {});
})();
