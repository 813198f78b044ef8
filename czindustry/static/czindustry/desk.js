// The search of the first page: a combobox after the WAI-ARIA pattern, with answers while one types.
(() => {
  const form = document.querySelector(".desk-search");
  if (!form) return;
  const input = form.querySelector("input");
  const list = form.querySelector("[role=listbox]");
  const told = form.querySelector("[data-told]");
  const pause = 120;
  let timer = 0;
  let asked = 0;
  let chosen = -1;

  const options = () => [...list.children];

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (place) => {
    const all = options();
    chosen = all.length ? (place + all.length) % all.length : -1;
    all.forEach((one, number) => one.setAttribute("aria-selected", String(number === chosen)));
    if (chosen < 0) return;
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  const shown = (hit, number) => {
    const one = document.createElement("li");
    one.id = `desk-hit-${number}`;
    one.setAttribute("role", "option");
    one.setAttribute("aria-selected", "false");
    one.dataset.link = hit.link;
    one.append(hit.name);
    const more = document.createElement("small");
    const former = hit.former ? `曾用名 ${hit.former}` : "";
    more.textContent = [former, hit.uscc, hit.area, hit.closed ? "已注销" : ""].filter(Boolean).join(" · ");
    one.append(more);
    return one;
  };

  const ask = async () => {
    const text = input.value.trim();
    asked += 1;
    const own = asked;
    if (!text) {
      close();
      return;
    }
    const answer = await fetch(`${form.dataset.find}?q=${encodeURIComponent(text)}`, {
      headers: { Accept: "application/json" },
    });
    if (!answer.ok || own !== asked) return;
    const found = await answer.json();
    told.textContent = found.told;
    list.replaceChildren(...found.results.map(shown));
    chosen = -1;
    list.hidden = found.results.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!list.hidden) choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      window.location.assign(options()[chosen].dataset.link);
    } else if (event.key === "Escape") {
      close();
    }
  });
  list.addEventListener("mousedown", (event) => {
    const one = event.target.closest("[role=option]");
    if (one) window.location.assign(one.dataset.link);
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
})();
