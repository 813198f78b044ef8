// Forms with a plan: the fields that suggest headings and targets offer those of the chosen plan only.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const plan = document.getElementById("id_plan");
  const jQuery = window.django?.jQuery;
  if (!plan || !jQuery) return;
  jQuery.ajaxPrefilter((options) => {
    if (plan.value && options.url.includes("/autocomplete/")) {
      options.url += `${options.url.includes("?") ? "&" : "?"}of_plan=${encodeURIComponent(plan.value)}`;
    }
  });
});
