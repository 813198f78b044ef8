// The page that divides a target: the sum of what is entered, and how far it is from the whole. Exact in ten-thousandths.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.division[data-whole]");
  if (!table) return;
  const fields = [...table.querySelectorAll("[data-quota]")];
  const parts = (text) => {
    const found = /^\s*(\d+)(?:\.(\d{0,4}))?\s*$/.exec(text);
    return found ? BigInt(found[1] + (found[2] || "").padEnd(4, "0")) : null;
  };
  const written = (number) => {
    const digits = (number < 0n ? -number : number).toString().padStart(5, "0");
    const decimals = digits.slice(-4).replace(/0+$/, "");
    return digits.slice(0, -4) + (decimals && `.${decimals}`);
  };
  const whole = parts(table.dataset.whole);
  const show = () => {
    const sum = fields.reduce((total, field) => total + (parts(field.value) ?? 0n), 0n);
    const filled = fields.some((field) => field.value.trim());
    table.querySelector("[data-sum]").textContent = filled ? written(sum) : "—";
    const difference = sum - whole;
    const words = difference === 0n ? "与全市一致" : `${difference > 0n ? "多" : "少"} ${written(difference)}`;
    table.querySelector("[data-difference]").textContent = filled ? words : "";
    table.classList.toggle("differs", filled && difference !== 0n);
  };
  for (const field of fields) field.addEventListener("input", show);
  show();
});
