// Lists: drop files on the page, follow the work in the background, show the options of the chosen kind.
"use strict";

const follow = (section) => {
  const bar = section.querySelector("progress");
  const ask = async () => {
    try {
      const answer = await fetch(section.dataset.progress, { headers: { Accept: "application/json" } });
      // signed out, or the list is gone: the page itself says so
      if (answer.status >= 500) throw new Error("the site or its database is being restarted");
      if (!answer.ok || answer.redirected) { window.location.reload(); return; }
      const found = await answer.json();
      if (found.state !== section.dataset.state) { window.location.reload(); return; }
      bar.value = found.percent;
      bar.setAttribute("aria-valuenow", found.percent);
      section.querySelector("[data-percent]").textContent = `${found.percent}%`;
      const words = section.querySelector("[data-words]");
      if (words.textContent !== found.words) words.textContent = found.words;
      section.querySelector("[data-idle]").hidden = !found.is_idle;
    } catch {
      // ask again: the work goes on when they are back
    }
    window.setTimeout(ask, 600);
  };
  window.setTimeout(ask, 300);
};

const acceptDrops = (form) => {
  const input = form.querySelector("input[type=file]");
  const over = (event) => { event.preventDefault(); form.classList.add("lists-over"); };
  form.addEventListener("dragenter", over);
  form.addEventListener("dragover", over);
  form.addEventListener("dragleave", () => form.classList.remove("lists-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("lists-over");
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
  const chosen = form.querySelector("[data-chosen]");
  const tell = () => { chosen.textContent = [...input.files].map((file) => file.name).join("、"); };
  // taken here before it arrives: Unfold's own listener wants a text box beside every choice of files
  form.addEventListener("change", (event) => { event.stopPropagation(); tell(); }, true);
  tell();
  // a file that misses the form would replace the page
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
};

const showOptionsOfKind = (form) => {
  const kind = form.querySelector("[name=kind]");
  const show = () => {
    for (const field of form.querySelectorAll("[data-only-for]")) {
      const only = field.dataset.onlyFor;
      field.hidden = Boolean(only) && only !== kind.value;
    }
  };
  kind.addEventListener("change", show);
  show();
};

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-progress]").forEach(follow);
  document.querySelectorAll("[data-drop]").forEach(acceptDrops);
  document.querySelectorAll("[data-kinds]").forEach(showOptionsOfKind);
});
