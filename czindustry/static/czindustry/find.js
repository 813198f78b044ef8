// Answers while one types into the search at the top: a combobox after the WAI-ARIA pattern. Enter alone opens the page of all.
(() => {
  const form = document.querySelector(".topfind");
  if (!form) return;
  const input = form.querySelector("input");
  const list = form.querySelector("[role=listbox]");
  let timer = 0;
  let asked = 0;
  let chosen = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (place) => {
    const all = options();
    chosen = (place + all.length) % all.length;
    all.forEach((one, number) => one.setAttribute("aria-selected", String(number === chosen)));
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  const shown = (hit, number) => {
    const one = document.createElement("li");
    one.id = `top-hit-${number}`;
    one.setAttribute("role", "option");
    one.setAttribute("aria-selected", "false");
    one.dataset.link = hit.link;
    one.append(hit.name);
    const more = document.createElement("small");
    more.textContent = [hit.group, hit.beside].filter(Boolean).join(" · ");
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
    const address = new URL(form.action);
    address.searchParams.set("q", text);
    address.searchParams.set("format", "json");
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || own !== asked) return;
    const found = await answer.json();
    list.replaceChildren(...found.results.map(shown));
    chosen = -1;
    list.hidden = found.results.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
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
