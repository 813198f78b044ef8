// Everything works without this; it only closes the contents on small screens and marks where the reader is.
(() => {
  const contents = document.querySelector(".contents details");
  if (contents && window.matchMedia("(max-width: 72rem)").matches) contents.open = false;

  const links = new Map(
    [...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]),
  );
  if (links.size && "IntersectionObserver" in window) {
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          for (const [id, link] of links) link.classList.toggle("current", id === entry.target.id);
        }
      },
      { rootMargin: "-10% 0px -80% 0px" },
    );
    for (const id of links.keys()) {
      const section = document.getElementById(id);
      if (section) seen.observe(section);
    }
  }

  // What is printed is told to the trail: a paper leaves the house as a file does.
  const told = document.querySelector("[data-printed]");
  if (told) {
    window.addEventListener("beforeprint", () => {
      const form = new FormData();
      form.append("csrfmiddlewaretoken", told.querySelector("[name=csrfmiddlewaretoken]").value);
      form.append("page", window.location.pathname + window.location.search);
      form.append("title", document.title);
      navigator.sendBeacon(told.dataset.printed, form);
    });
  }

  // The menu of the person closes like any other menu.
  const menu = document.querySelector(".person");
  if (menu) {
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
})();
