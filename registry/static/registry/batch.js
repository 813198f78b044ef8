// Ticks all or none, and tells how many are ticked.
(() => {
  const boxes = [...document.querySelectorAll("input[name=passed]")];
  const told = document.querySelector("[data-told]");
  if (!told) return;
  const tell = () => {
    const passed = boxes.filter((box) => box.checked).length;
    told.textContent = `通过 ${passed} 个，未通过 ${boxes.length - passed} 个`;
  };
  document.querySelectorAll("[data-tick]").forEach((button) => {
    button.addEventListener("click", () => {
      boxes.forEach((box) => { box.checked = button.dataset.tick === "all"; });
      tell();
    });
  });
  boxes.forEach((box) => box.addEventListener("change", tell));
  tell();
})();
