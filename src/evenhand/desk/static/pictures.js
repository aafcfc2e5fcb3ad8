"use strict";
// Pictures: bars of loads, the curve of prices, and the map.
// Bars of loads in an element: a row for each agent, with its fair share, its load in the cheapest plan, and in the plan kept.
function bars(name, found, before, numbers) {
  const reach = 1.03 * Math.max(...found.loads, ...found.shares, ...found.cheapest, ...(before || [0])) || 1;
  const at = (x) => `${(100 * x / reach).toFixed(3)}%`;
  $(name).replaceChildren(...desk.costs.agents.map((agent, i) => {
    const row = made("div", undefined, { class: "load", role: "row" });
    const picture = drawn("svg", { "aria-hidden": "true" });
    picture.append(
      drawn("rect", { class: "bar", x: 0, y: 6, height: 14, rx: 3, width: at(found.loads[i]) }),
      drawn("line", { class: "tick", x1: at(found.shares[i]), x2: at(found.shares[i]), y1: 0, y2: 26 }),
      drawn("circle", { class: "ring", cx: at(found.cheapest[i]), cy: 13, r: 4.5 }));
    if (before) picture.append(drawn("rect", { class: "kept", x: at(before[i]), y: 9, width: 8, height: 8 }));
    const off = found.shares[i] ? found.loads[i] / found.shares[i] - 1 : 0;
    row.append(made("span", agent, { role: "rowheader" }), picture,
      made("span", numbers(i, `${off >= 0 ? "+" : ""}${percent(off)}`), { class: "numbers", role: "cell" }));
    return row;
  }));
}
function showLoads() {
  const counts = countsOf(plan), one = unitOf("burden_unit") || "unit";
  bars("loads", plan, kept && kept.loads, (i, off) => `${load(plan.loads[i])} (${off}), ${tasksOf(counts[i])}`
    + (plan.saves[i] > 1e-9 ? `; one ${one} less would save ${money(plan.saves[i])}` : ""));
  plan.further.forEach((found, place) => bars(`share-loads-${place}`, found, kept && kept.further[place]?.loads,
    (i, off) => `${number(found.loads[i])} (${off})`));
}
const tasksOf = (count) => `${count}\u202f${count === 1 ? "task" : "tasks"}`;
function countsOf(shown) {
  const counts = desk.costs.agents.map(() => 0);
  shown.assignment.forEach((i) => { counts[i] += 1; });
  return counts;
}

function showCurve() {
  const points = [...curve].filter(([, told]) => told.price !== null).sort((a, b) => a[0] - b[0]);
  $("curve-section").hidden = points.length < 2;
  if (points.length < 2) return;
  const top = Math.max(...points.map(([, told]) => told.price)) || 1;
  const at = ([k, told]) => [60 + 920 * k / (sliders[0].length - 1), 200 - 180 * told.price / top];
  const line = drawn("polyline", { class: "curve", points: points.map((point) => at(point).join(",")).join(" ") });
  const marks = points.map((point) => {
    const [x, y] = at(point), said = `${number(sliders[0][point[0]], 3)}: ${percent(point[1].price)} more`;
    const mark = drawn("circle", { cx: x, cy: y, r: 9, tabindex: 0, role: "button", "aria-label": said });
    const title = drawn("title", {});
    title.textContent = said;
    mark.append(title);
    const go = () => { $("level").value = point[0]; for (const kind of ["input", "change"]) $("level").dispatchEvent(new Event(kind)); };
    mark.addEventListener("click", go);
    mark.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); } });
    return mark;
  });
  const words = [[52, 30, percent(top), "end"], [52, 204, "0", "end"], [60, 234, number(sliders[0][0], 3), "start"], [980, 234, "equal loads", "end"]]
    .map(([x, y, text, anchor]) => { const word = drawn("text", { x, y, "text-anchor": anchor }); word.textContent = text; return word; });
  $("curve").replaceChildren(line, ...marks, ...words);
}

function showMap() {
  const places = desk.costs.task_xy;
  $("map-section").hidden = !places || !plan.assignment;
  if (!places || !plan.assignment) return;
  const homes = desk.costs.agent_xy;
  const all = places.concat(homes || []);
  const low = [0, 1].map((k) => Math.min(...all.map((p) => p[k]))), high = [0, 1].map((k) => Math.max(...all.map((p) => p[k])));
  const size = Math.max(high[0] - low[0], high[1] - low[1]) || 1;
  const at = (p) => [20 + 960 * (p[0] - low[0]) / size, 20 + 960 * (high[1] - p[1]) / size];
  $("map").setAttribute("viewBox", `0 0 1000 ${40 + 960 * (high[1] - low[1]) / size}`);
  const parts = [];
  places.slice(0, 2000).forEach((place, j) => {
    const i = plan.assignment[j], colour = COLOURS[i % COLOURS.length], [x, y] = at(place);
    if (homes) {
      const [hx, hy] = at(homes[i]);
      parts.push(drawn("line", { x1: hx, y1: hy, x2: x, y2: y, stroke: colour, "stroke-opacity": .35, "stroke-width": 2 }));
    }
    const mark = drawn("circle", { cx: x, cy: y, r: 7, fill: colour });
    const title = drawn("title", {});
    title.textContent = `${desk.costs.tasks[j]}: ${desk.costs.agents[i]}`;
    mark.append(title);
    parts.push(mark);
  });
  $("map").replaceChildren(...parts);
}

