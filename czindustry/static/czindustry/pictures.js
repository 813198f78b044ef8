// Draws every picture of a page from the data beside it. Without this the tables beneath tell the same.
(() => {
  const figures = [...document.querySelectorAll("figure.picture")];
  if (!figures.length || !window.echarts) return;

  const LINES = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle"];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function colours() {
    return ["--accent", "--behind", "--reached", "--missed", "--on-pace", "--no-data"].map(token);
  }

  // A series is told apart by its line, its sign and its name, not by its colour alone.
  function drawn(one, place, data) {
    const bar = one.kind === "bar";
    const mark = one.kind === "mark";
    const colour = one.muted ? token("--muted") : colours()[place % 6];
    return {
      name: one.name,
      type: bar ? "bar" : mark ? "scatter" : "line",
      step: one.kind === "step" ? "end" : false,
      data: one.values.map((value) => (value === null ? "-" : value)),
      connectNulls: false,
      symbol: mark ? "diamond" : SYMBOLS[place % SYMBOLS.length],
      symbolSize: mark ? 11 : 5,
      showSymbol: mark || data.labels.length < 40,
      barMaxWidth: 26,
      z: one.muted ? 1 : 3,
      itemStyle: mark ? { color: token("--surface"), borderColor: token("--ink"), borderWidth: 1.5 } : { color: colour },
      lineStyle: { color: colour, width: one.muted ? 1.5 : 2, type: one.muted ? "dashed" : LINES[place % LINES.length] },
      markLine:
        place === 0 && data.target !== null
          ? {
              silent: true,
              symbol: "none",
              lineStyle: { color: token("--ink"), type: [2, 3] },
              label: { color: token("--muted"), position: data.horizontal ? "end" : "insideEndTop", formatter: ({ value }) => value.toLocaleString() },
              data: [data.horizontal ? { xAxis: data.target } : { yAxis: data.target }],
            }
          : undefined,
    };
  }

  function told(data) {
    return (points) => {
      const box = document.createElement("div");
      const place = points[0].dataIndex;
      const head = document.createElement("b");
      head.textContent = data.labels[place];
      box.append(head);
      for (const one of data.series) {
        const line = document.createElement("div");
        line.textContent = `${one.name}  ${one.texts[place]} ${one.values[place] === null ? "" : data.unit}`;
        box.append(line);
      }
      return box;
    };
  }

  function option(data) {
    const ink = token("--muted");
    const names = {
      type: "category",
      data: data.labels,
      inverse: data.horizontal,
      axisLabel: { color: ink, hideOverlap: !data.horizontal, interval: data.horizontal ? 0 : "auto" },
      axisLine: { lineStyle: { color: token("--line-strong") } },
      axisTick: { show: false },
    };
    const values = {
      type: "value",
      axisLabel: { color: ink, hideOverlap: true },
      splitLine: { lineStyle: { color: token("--line") } },
    };
    return {
      animation: !still.matches,
      animationDuration: 300,
      textStyle: { fontFamily: token("--sans"), fontSize: 13 },
      grid: { left: 8, right: 28, top: data.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
      legend: data.series.length > 1 ? { top: 0, left: 0, textStyle: { color: token("--ink") }, itemWidth: 28 } : undefined,
      tooltip: {
        trigger: "axis",
        renderMode: "html",
        confine: true,
        backgroundColor: token("--surface"),
        borderColor: token("--line-strong"),
        textStyle: { color: token("--ink"), fontSize: 13 },
        formatter: told(data),
      },
      xAxis: data.horizontal ? values : names,
      yAxis: data.horizontal ? names : values,
      series: data.series.map((one, place) => drawn(one, place, data)),
    };
  }

  const charts = figures.map((figure) => {
    const canvas = figure.querySelector(".canvas");
    const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    canvas.hidden = false;
    figure.querySelector("details").open = false;
    if (data.horizontal) canvas.style.height = `${Math.max(data.labels.length * 30 * Math.max(data.series.length * 0.6, 1) + 70, 160)}px`;
    // The table beneath holds the same for readers of screens.
    canvas.setAttribute("aria-hidden", "true");
    const chart = echarts.init(canvas, null, { renderer: "svg" });
    chart.on("click", (event) => {
      const link = data.links[event.dataIndex];
      if (link) window.location.assign(link);
    });
    const draw = () => chart.setOption(option(data), true);
    draw();
    return { chart, draw };
  });

  const again = () => charts.forEach((one) => one.chart.resize());
  window.addEventListener("resize", again);
  window.addEventListener("beforeprint", again);
  dark.addEventListener("change", () => charts.forEach((one) => one.draw()));
})();
