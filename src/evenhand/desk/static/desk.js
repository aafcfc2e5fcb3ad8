"use strict";
// The desk: asks the server at each movement, and shows what it answers. Names become text nodes, never markup.
const $ = (name) => document.getElementById(name);
const SVG = "http://www.w3.org/2000/svg";
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"];
const MOST_ROWS = 500;
const EVERY = 4;
const LARGEST = 50e6;
const WINDOW = String(Math.random());
let desk = null, measures = [], roles = {}, slider = [], plan = null, kept = null, asked = 0, timer = null, curve = new Map();

const number = (x, digits = 2) => x === null || x === undefined ? "–"
  : x.toLocaleString("en-GB", { maximumFractionDigits: digits }).replaceAll(",", "\u202f").replace("-", "\u2212");
const percent = (x) => x === null || x === undefined ? "–" : number(100 * x, x !== 0 && Math.abs(x) < 1e-4 ? 4 : 2) + "\u202f%";

const unitOf = (which) => desk.burdens ? desk[which] : desk.unit || desk.burden_unit;
const withUnit = (text, unit) => unit && text !== "–" ? `${text}\u202f${unit}` : text;
const money = (x) => withUnit(number(x), unitOf("unit"));
const load = (x) => withUnit(number(x), unitOf("burden_unit"));

function made(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
function complain(text) {
  $("error").textContent = text || "";
  $("error").hidden = !text;
  $("excerpt").hidden = true;
}
// The rows around the cell of a file that could not be read, with that cell marked.
function point(near) {
  $("excerpt").hidden = !near;
  if (!near) return;
  $("excerpt-rows").replaceChildren(...near.rows.map((row) => {
    const line = made("tr");
    line.append(made("th", `line ${row.line}`, { scope: "row" }), ...row.cells.map((cell, k) => {
      const wrong = row.line === near.line && (near.column === null || k === near.column);
      const shown = made("td", undefined, wrong ? { class: "wrong" } : {});
      shown.append(wrong ? made("mark", cell || "(empty)") : cell);
      return shown;
    }));
    return line;
  }));
}

async function ask(path, body, raw = false) {
  const options = { headers: { "x-window": WINDOW }, ...(body === undefined ? {} : { method: "POST", body: raw ? body : JSON.stringify(body) }) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    complain("The desk does not answer. Is “evenhand open” still running in its terminal? Start it again: nothing is lost.");
    return null;
  }
  const data = await response.json();
  if (data.superseded) return null;
  if (data.error) { complain(data.error); point(data.excerpt); return null; }
  return data;
}

function receive(state) {
  measures = state.measures; roles = state.roles;
  if (!state.desk) return;
  desk = state.desk; slider = state.slider; plan = null; kept = null; curve = new Map();
  $("work").hidden = false; $("burdens-label").hidden = false;
  $("unit").value = desk.unit; $("burden-unit").value = desk.burden_unit;
  $("measure").replaceChildren(...measures.map((one) => {
    const option = made("option", one.words, { value: one.name });
    option.selected = one.name === desk.rule.measure;
    return option;
  }));
  $("level").max = slider.length - 1;
  $("level").value = nearest(desk.rule.parameter);
  $("drop-kept").hidden = true; $("compared").textContent = "";
  solve();
}
function nearest(parameter) {
  let best = 0;
  slider.forEach((level, k) => { if (Math.abs(level - parameter) < Math.abs(slider[best] - parameter)) best = k; });
  return best;
}

// A quick answer with whatever gap is proven by then, and the rest where that left something open.
async function solve() {
  const mine = ++asked;
  document.body.classList.add("busy");
  for (const quick of [1, 0]) {
    const answer = await ask(`solve?quick=${quick}`, desk.rule);
    if (mine !== asked) return;
    if (answer) {
      complain("");
      if (quick || answer.cost !== null || !plan || plan.cost === null) { plan = answer; show(); }
    }
    if (!answer || answer.status !== "time_limit") break;
  }
  document.body.classList.remove("busy");
  if (plan) trace();
}

// The price at every fourth level, one at a time, as long as nobody asks anything else.
async function trace() {
  const mine = asked;
  for (let k = 0; k < slider.length; k += EVERY) {
    if (curve.has(k)) continue;
    await new Promise((resume) => setTimeout(resume, 250));
    if (mine !== asked || $("wish").open) return;
    const told = await ask("level", { ...desk.rule, parameter: slider[k] });
    if (mine !== asked) return;
    if (told) { curve.set(k, told); showCurve(); }
  }
}
function showCurve() {
  const points = [...curve].filter(([, told]) => told.price !== null).sort((a, b) => a[0] - b[0]);
  $("curve-section").hidden = points.length < 2;
  if (points.length < 2) return;
  const top = Math.max(...points.map(([, told]) => told.price)) || 1;
  const at = ([k, told]) => [60 + 920 * k / (slider.length - 1), 200 - 180 * told.price / top];
  const line = drawn("polyline", { class: "curve", points: points.map((point) => at(point).join(",")).join(" ") });
  const marks = points.map((point) => {
    const [x, y] = at(point), said = `${number(slider[point[0]], 3)}: ${percent(point[1].price)} more`;
    const mark = drawn("circle", { cx: x, cy: y, r: 9, tabindex: 0, role: "button", "aria-label": said });
    const title = drawn("title", {});
    title.textContent = said;
    mark.append(title);
    const go = () => { $("level").value = point[0]; $("level").dispatchEvent(new Event("input")); };
    mark.addEventListener("click", go);
    mark.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); } });
    return mark;
  });
  const words = [[52, 30, percent(top), "end"], [52, 204, "0", "end"], [60, 234, number(slider[0], 3), "start"], [980, 234, "equal loads", "end"]]
    .map(([x, y, text, anchor]) => { const word = drawn("text", { x, y, "text-anchor": anchor }); word.textContent = text; return word; });
  $("curve").replaceChildren(line, ...marks, ...words);
}

function show() {
  const found = plan.loads !== null;
  $("rule-words").textContent = plan.rule;
  if (!found) {
    $("headline").textContent = plan.status === "infeasible" ? "No plan is that fair, and this is proven." : "No plan found yet.";
    $("lede").textContent = plan.possible ? `The fairest plan known reaches ${plan.possible}: move the slider to the left.` : "";
  } else {
    $("headline").textContent = `This plan costs ${money(plan.cost)}`;
    $("lede").textContent = `${percent(plan.price)} more than the cheapest plan${desk.wishes.length ? " with your wishes" : ""}, and ${plan.rule}.`;
  }
  $("cost").textContent = money(plan.cost);
  $("price").textContent = percent(plan.price);
  $("gap").textContent = plan.gap === null ? "–" : plan.gap <= 1e-11 ? "nothing" : "at most " + percent(plan.gap);
  $("cv").textContent = number(plan.cv, 3);
  showProof();
  $("keep").disabled = !found;
  $("command").textContent = plan.command;
  $("files").replaceChildren(...Object.values(plan.files).flatMap((file) => [made("a", file, { href: `save/${file}`, download: file, class: "button" }), " "]));
  $("cost-head").textContent = withUnit("Cost", unitOf("unit") && `(${unitOf("unit")})`);
  $("load-head").textContent = withUnit("Load", unitOf("burden_unit") && `(${unitOf("burden_unit")})`);
  showLoads(); showTasks(); showMap(); compare();
  $("undo").disabled = !desk.wishes.length; $("redo").disabled = !desk.undone.length;
}

// What this browser recomputes by check.js, and what the server's check says beyond that.
function showProof() {
  $("proof").className = "verdict"; $("proof").textContent = "";
  if (!plan.loads) return;
  let said, good = plan.outcome !== "not verified";
  try {
    if (!plan.certificate) throw new Error("it has no certificate");
    const told = recheck(desk, plan);
    said = `✓ This browser added it up itself, exactly: the plan costs ${money(told.cost)}, it keeps the rule, and no fair plan `
      + `costs less than ${money(told.bound)} (a gap of ${percent(Math.max(told.gap, 0))}).`;
  } catch (error) {
    said = `Not checked in the browser: ${error.message}.`;
    good = good && plan.verified;
  }
  if (plan.certified_gap > plan.gap + 1e-12) said += ` The search proved a gap of ${percent(plan.gap)}.`;
  if (plan.outcome === "not verified") said += " The check of evenhand verify refuses this plan.";
  $("proof").classList.add(good ? "good" : "bad");
  $("proof").textContent = said;
}

function showLoads() {
  if (!plan.loads) { $("loads").replaceChildren(); return; }
  const reach = 1.03 * Math.max(...plan.loads, ...plan.shares, ...plan.cheapest, ...(kept ? kept.loads : [0])) || 1;
  const at = (x) => `${(100 * x / reach).toFixed(3)}%`;
  $("loads").replaceChildren(...desk.costs.agents.map((agent, i) => {
    const row = made("div", undefined, { class: "load", role: "row" });
    const picture = drawn("svg", { "aria-hidden": "true" });
    picture.append(
      drawn("rect", { class: "bar", x: 0, y: 6, height: 14, rx: 3, width: at(plan.loads[i]) }),
      drawn("line", { class: "tick", x1: at(plan.shares[i]), x2: at(plan.shares[i]), y1: 0, y2: 26 }),
      drawn("circle", { class: "ring", cx: at(plan.cheapest[i]), cy: 13, r: 4.5 }));
    if (kept) picture.append(drawn("rect", { class: "kept", x: at(kept.loads[i]), y: 9, width: 8, height: 8 }));
    const off = plan.shares[i] ? plan.loads[i] / plan.shares[i] - 1 : 0;
    const saves = plan.saves[i] > 1e-9 ? `; one ${unitOf("burden_unit") || "unit"} less would save ${money(plan.saves[i])}` : "";
    row.append(made("span", agent, { role: "rowheader" }), picture,
      made("span", `${load(plan.loads[i])} (${off >= 0 ? "+" : ""}${percent(off)})${saves}`, { class: "numbers", role: "cell" }));
    return row;
  }));
}

function wishOf(task) {
  const told = desk.wishes.filter((wish) => wish.task === task);
  return told.map((wish) => `${wish.kind === "lock" ? "with" : "not"} ${desk.costs.agents[wish.agent]}`).join(", ");
}
function showTasks() {
  const wanted = $("search").value.trim().toLowerCase();
  const who = (j) => plan.assignment ? desk.costs.agents[plan.assignment[j]] : "";
  const shown = [];
  let hits = 0;
  desk.costs.tasks.forEach((task, j) => {
    if (wanted && !`${task} ${who(j)}`.toLowerCase().includes(wanted)) return;
    if (++hits > MOST_ROWS) return;
    const row = made("tr");
    const i = plan.assignment ? plan.assignment[j] : null;
    const name = made("th", undefined, { scope: "row" });
    const open = made("button", task, { "aria-haspopup": "dialog" });
    open.addEventListener("click", () => openWish(j));
    name.append(open);
    const agent = made("td", i === null ? "–" : who(j));
    if (kept && kept.assignment && i !== kept.assignment[j]) agent.append(made("small", ` (kept: ${desk.costs.agents[kept.assignment[j]]})`));
    row.append(name, agent, made("td", i === null ? "–" : number(desk.costs.values[i][j]), { class: "number" }),
      made("td", i === null ? "–" : number((desk.burdens || desk.costs).values[i][j]), { class: "number" }), made("td", wishOf(j)));
    shown.push(row);
  });
  $("tasks").replaceChildren(...shown);
  $("more").textContent = hits > MOST_ROWS ? `Listed are ${MOST_ROWS} of ${hits}; search for others.` : wanted ? `${hits} found.` : "";
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

function compare() {
  if (!kept || !plan.loads) return;
  const moved = plan.assignment.filter((agent, j) => agent !== kept.assignment[j]).length;
  const changes = desk.costs.agents.map((agent, i) => [agent, plan.loads[i] - kept.loads[i]]).filter(([, by]) => Math.abs(by) > 1e-9);
  const said = (sign) => changes.filter(([, by]) => sign * by > 0).sort((a, b) => sign * (b[1] - a[1]))
    .slice(0, 3).map(([agent, by]) => `${agent} ${load(Math.abs(by))}`).join(", ") || "nobody";
  $("compared").textContent = `Against the plan you keep (${money(kept.cost)}): ${money(plan.cost - kept.cost)} in cost, `
    + `${moved} ${moved === 1 ? "task changes" : "tasks change"} hands. Less for: ${said(-1)}. More for: ${said(1)}.`;
}

function openWish(j) {
  $("wish-title").textContent = desk.costs.tasks[j];
  $("wish-now").textContent = (plan.assignment ? `Now with ${desk.costs.agents[plan.assignment[j]]}. ` : "") + (wishOf(j) ? `Your wish: ${wishOf(j)}.` : "");
  $("wish-agents").replaceChildren(...desk.costs.agents.map((agent, i) => {
    const row = made("tr"), cost = desk.costs.values[i][j], price = made("td"), doing = made("td");
    row.append(made("th", agent, { scope: "row" }), made("td", cost === null ? "forbidden" : number(cost), { class: "number" }), price, doing);
    if (cost === null) return row;
    const what = made("button", "What would it cost?");
    what.addEventListener("click", async () => {
      price.textContent = "…";
      const told = await ask("price", { kind: "lock", task: j, agent: i });
      price.textContent = !told ? "" : told.cost === null ? (told.status === "infeasible" ? "no fair plan, proven" : "not found in time")
        : `${money(told.cost)} (${told.cost >= plan.cost ? "+" : ""}${money(told.cost - plan.cost)})`;
    });
    price.append(what);
    for (const [kind, words] of [["lock", "Give to"], ["forbid", "Not"]]) {
      const button = made("button", `${words} ${agent}`);
      button.addEventListener("click", async () => {
        const wishes = await ask("wish", { kind, task: j, agent: i });
        $("wish").close();
        if (wishes) { Object.assign(desk, wishes); curve = new Map(); solve(); }
      });
      doing.append(button, " ");
    }
    return row;
  }));
  $("wish").showModal();
}

// Several files may come at once: each is recognised or asked about, and the table of costs is taken first.
async function takeAll(files) {
  complain("");
  let left = [...files], notes = [], state = null;
  while (left.length) {
    const told = [];
    for (const file of left) {
      if (file.size > LARGEST) { complain(`${file.name} has over ${LARGEST / 1e6} MB; the command line takes it: evenhand assign FILE`); return; }
      const found = await ask(`recognise?${new URLSearchParams({ name: file.name })}`, file, true);
      if (!found) return;
      told.push({ file, roles: found.roles });
    }
    // Of several tables on an empty desk, one only is the costs: the one that says so, or else the one that is asked for.
    const tables = told.filter((one) => one.roles[0] === "costs");
    if (!desk && tables.length > 1) {
      const named = tables.filter((one) => /cost|kost|price|preis|km|distan|travel/i.test(one.file.name));
      if (named.length === 1) tables.filter((one) => one !== named[0]).forEach((one) => { one.roles = ["later"]; });
      else tables.forEach((one) => { one.roles = ["costs", "burdens"]; });
    }
    const order = desk ? Object.keys(roles) : ["session", "costs", "agent_places", "task_places"];
    const ready = told.filter((one) => one.roles.length === 1 && order.includes(one.roles[0]))
      .sort((a, b) => order.indexOf(a.roles[0]) - order.indexOf(b.roles[0]));
    const next = ready[0] || told.find((one) => one.roles.includes("costs")) || told[0];
    const role = next.roles.length === 1 ? next.roles[0] : await askRole(next.file.name, next.roles);
    left = left.filter((file) => file !== next.file);
    if (!role) continue;
    const answer = await take(next.file, role);
    if (!answer) return;
    notes = answer.desk && !desk ? answer.notes : notes.concat(answer.notes);
    if (answer.desk) { state = answer; desk = answer.desk; }
  }
  $("notes").textContent = notes.join("\n");
  if (state) receive(state);
}
const take = (file, role) => ask(`table?${new URLSearchParams({ name: file.name, role })}`, file, true);

function askRole(name, possible) {
  $("role-title").textContent = `What is ${name}?`;
  return new Promise((resume) => {
    $("role-buttons").replaceChildren(...possible.map((role) => {
      const button = made("button", roles[role]);
      button.addEventListener("click", () => { $("role").close(role); });
      return button;
    }));
    $("role").returnValue = "";
    $("role").addEventListener("close", () => resume($("role").returnValue), { once: true });
    $("role").showModal();
  });
}
async function takeAs(file, role) {
  if (!file) return;
  complain("");
  if (file.size > LARGEST) { complain(`${file.name} has over ${LARGEST / 1e6} MB; the command line takes it: evenhand assign FILE`); return; }
  const state = await take(file, role);
  if (!state) return;
  $("notes").textContent = state.notes.join("\n");
  receive(state);
}

$("level").addEventListener("input", () => {
  desk.rule.parameter = slider[$("level").value];
  $("rule-words").textContent = `${number(desk.rule.parameter, 4)} …`;
  clearTimeout(timer);
  timer = setTimeout(solve, 15);
});
$("measure").addEventListener("change", async () => {
  const middle = { max_over_mean: 1.3, least_over_mean: .7, cv: .3, jain: .9, epsilon: .9, gini: .15, hoover: .1, range: .5 };
  desk.rule = { measure: $("measure").value, parameter: middle[$("measure").value] ?? desk.rule.parameter, p: null };
  curve = new Map();
  showCurve();
  const told = await ask("slider", desk.rule);
  if (!told) return;
  slider = told.slider;
  $("level").max = slider.length - 1;
  $("level").value = nearest(desk.rule.parameter);
  solve();
});
for (const [name, path] of [["undo", "undo"], ["redo", "redo"]]) {
  $(name).addEventListener("click", async () => {
    const wishes = await ask(path, {});
    if (wishes) { Object.assign(desk, wishes); curve = new Map(); solve(); }
  });
}
$("keep").addEventListener("click", () => { kept = plan; $("drop-kept").hidden = false; show(); });
$("drop-kept").addEventListener("click", () => { kept = null; $("drop-kept").hidden = true; $("compared").textContent = ""; show(); });
$("search").addEventListener("input", () => plan && showTasks());
$("wish-close").addEventListener("click", () => $("wish").close());
// Emptied afterwards, so that the same file can be chosen again once it is mended.
const chosen = (name, use) => $(name).addEventListener("change", (event) => { use([...event.target.files]); event.target.value = ""; });
chosen("costs-file", ([file]) => takeAs(file, "costs"));
chosen("burdens-file", ([file]) => takeAs(file, "burdens"));
chosen("more-files", takeAll);
for (const name of ["unit", "burden-unit"]) {
  $(name).addEventListener("change", async () => {
    const units = await ask("units", { unit: $("unit").value, burden_unit: $("burden-unit").value });
    if (units) { Object.assign(desk, units); if (plan) show(); }
  });
}
$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(plan.command).catch(() => {});
  $("copied").textContent = "Copied.";
});
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  takeAll(event.dataTransfer.files);
});
ask("state").then((state) => state && receive(state));
