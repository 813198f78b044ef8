// The form of a rule: shows the fields that its way of counting uses, and tries the rule out before it is saved.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const feed = document.querySelector("select[data-rule-fields]");
  if (feed) {
    const used = JSON.parse(feed.dataset.ruleFields);
    const parts = { schemes: "schemes", cluster_links: "clusters" };
    const prefix = feed.name.slice(0, -"feed".length);
    const named = new Set(Object.values(used).flat());

    const show = () => {
      // Before a way of counting is chosen there is nothing to fill in.
      const wanted = new Set(used[feed.value] || []);
      for (const name of named) {
        const line = document.getElementById(`id_${prefix}${name}`)?.closest(".field-line");
        if (line) line.style.display = wanted.has(name) ? "" : "none";
      }
      for (const [suffix, name] of Object.entries(parts)) {
        const group = document.getElementById(`${prefix}${suffix}-data`)?.closest(".formset-wrapper")?.parentElement;
        if (group) group.style.display = wanted.has(name) ? "" : "none";
      }
      const below = feed.closest(".form-group")?.querySelector(".form-nested");
      if (below) below.style.display = Object.values(parts).some((name) => wanted.has(name)) ? "" : "none";
      for (const row of new Set([...feed.closest("fieldset").querySelectorAll(".field-line")].map((line) => line.parentElement))) {
        const empty = [...row.children].every((line) => line.style.display === "none");
        row.style.display = empty ? "none" : "";
      }
    };
    feed.addEventListener("change", show);
    // The select may be wrapped by a widget of the admin that speaks jQuery only.
    if (window.django?.jQuery) window.django.jQuery(feed).on("change", show);
    show();
  }

  const preview = document.querySelector("[data-rule-preview]");
  if (preview) {
    const result = preview.querySelector("[role=status]");
    const ask = async () => {
      const form = preview.closest("form");
      result.textContent = result.dataset.waiting;
      try {
        const answer = await fetch(preview.dataset.rulePreview, { method: "POST", body: new FormData(form), credentials: "same-origin" });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        result.innerHTML = await answer.text();
      } catch {
        result.textContent = result.dataset.failed;
      }
    };
    preview.querySelector("button").addEventListener("click", ask);
    if (preview.dataset.rulePreview.includes("target=")) ask();
  }
});
