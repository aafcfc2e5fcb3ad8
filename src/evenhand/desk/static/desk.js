"use strict";
// The desk: asks the server at each movement, and shows what it answers.
function receive(state) {
  measures = state.measures; roles = state.roles;
  if (!state.desk) return;
  desk = state.desk; tablesAre = state.tables; sliders = [state.slider, ...state.sliders];
  sliderMeasures = [desk.rule.measure, ...desk.shares.map((share) => share.rule.measure)];
  plan = null; kept = null; curveOf = "";
  $("work").hidden = false; $("burdens-label").hidden = false; $("further-label").hidden = false;
  $("unit").value = desk.unit; $("burden-unit").value = desk.burden_unit;
  measureOptions($("measure"), desk.rule.measure);
  buildFurther();
  adopt(desk);
  $("drop-kept").hidden = true; $("compared").textContent = "";
  showClash(null);
  if (state.plan) { plan = state.plan; show(); }
  solve();
}

// A quick answer with whatever gap is proven by then, and a better one where that left something open, twice.
async function solve(change = {}) {
  const mine = ++asked;
  let sent = change;
  document.body.classList.add("busy");
  for (const later of [2, 1, 0]) {
    const answer = await ask(`solve?later=${later}`, sent);
    if (mine !== asked) return;
    if (!answer) { if (answer === null && served) Object.assign(desk, copied(served)); break; }
    if (answer.tables !== tablesAre) { ask("state").then((state) => state && receive(state)); return; }
    if (complaint !== "file") complain("");
    adopt(answer.asked);
    showRules(answer);
    if (answer.cost !== null) { plan = answer; show(); showClash(null); }
    else if (answer.settled || !later) refuse(answer);
    if (answer.settled) break;
    sent = {};
  }
  document.body.classList.remove("busy");
  if (plan) trace();
}
// There is no plan: say why, and leave the last one where it is.
function refuse(answer) {
  showClash(answer);
  if (plan) return;
  for (const name of ["loads", "tasks", "files"]) $(name).replaceChildren();
  for (const name of ["cost", "price", "gap", "cv"]) $(name).textContent = "–";
  for (const name of ["proof", "bounds-now"]) $(name).textContent = "";
  $("map-section").hidden = true;
  $("headline").textContent = answer.clash ? "No plan keeps all of this, and this is proven." : "No plan found yet.";
  $("lede").textContent = "";
  $("command").textContent = answer.command;
}
function showRules(answer) {
  $("rule-words").textContent = answer.rule;
  answer.further.forEach((one, place) => { $(`share-words-${place}`).textContent = desk.shares[place].on ? one.rule : "not shared fairly at the moment"; });
}

// The price at every fourth level, one at a time, as long as nobody asks anything else.
async function trace() {
  const mine = asked;
  for (let k = 0; k < sliders[0].length; k += EVERY) {
    if (curve.has(k)) continue;
    await new Promise((resume) => setTimeout(resume, 250));
    if (mine !== asked || $("wish").open) return;
    const told = await ask("level", { rule: { ...desk.rule, parameter: sliders[0][k] } });
    if (mine !== asked) return;
    if (!told) return;
    curve.set(k, told);
    showCurve();
  }
}

function show() {
  $("headline").textContent = `This plan costs ${money(plan.cost)}`;
  $("lede").textContent = `${percent(plan.price)} more than the cheapest plan${plan.asked.wishes.length ? " with your wishes" : ""}, and ${plan.rule}${beside()}.`;
  $("cost").textContent = money(plan.cost);
  $("price").textContent = percent(plan.price);
  $("gap").textContent = plan.gap === null ? "–" : plan.gap <= 1e-11 ? "nothing" : "at most " + percent(plan.gap);
  $("cv").textContent = number(plan.cv, 3);
  showProof();
  $("keep").disabled = false;
  $("command").textContent = plan.command;
  $("files").replaceChildren(...(Object.keys(plan.files).length ? ["Save these files beside it: "] : []), ...Object.values(plan.files).flatMap((file) => [made("a", file, { href: `save/${file}`, download: file, class: "button" }), " "]));
  $("cost-head").textContent = withUnit("Cost", unitOf("unit") && `(${unitOf("unit")})`);
  $("load-head").textContent = withUnit("Load", unitOf("burden_unit") && `(${unitOf("burden_unit")})`);
  $("most-load-unit").textContent = unitOf("burden_unit");
  showBounds(); showLoads(); showTasks(); showMap(); compare();
}
// The rules and limits besides the first, in a few words.
function beside() {
  const more = BOUNDS.filter((name) => plan.asked.bounds[name] !== null).length
    + plan.asked.shares.reduce((sum, share) => sum + Number(share.on) + Number(share.most !== null), 0);
  return more === 0 ? "" : `; ${more === 1 ? "one more rule or limit is" : `${more} more rules and limits are`} kept`;
}

// What this browser recomputes by check.js, and what the server's check says beyond that.
function showProof() {
  $("proof").className = "verdict";
  let said, good = plan.outcome !== "not verified";
  try {
    const told = recheck(desk, plan), kept = told.rules === 1 ? "it keeps the rule" : `it keeps all ${told.rules} rules and limits`;
    said = `✓ This browser added it up itself, exactly: the plan costs ${money(told.cost)}, ${kept}`;
    said += told.bound === null ? ". It has no certificate: that no plan is cheaper is not checked here."
      : `, and no plan that does costs less than ${money(told.bound)} (a gap of ${percent(Math.max(told.gap, 0))}).`;
  } catch (error) {
    said = `Not checked in the browser: ${error.message}.`;
    good = good && plan.verified;
  }
  if (plan.certified_gap > plan.gap + 1e-12) said += ` The search proved a gap of ${percent(plan.gap)}; this browser cannot check that part.`;
  if (plan.outcome === "not verified") said += " The check of evenhand verify refuses this plan.";
  $("proof").classList.add(good ? "good" : "bad");
  $("proof").textContent = said;
}

$("level").addEventListener("input", () => {
  desk.rule.parameter = sliders[0][$("level").value];
  $("rule-words").textContent = `${number(desk.rule.parameter, 4)} …`;
  move("level", "rule");
});
$("measure").addEventListener("change", () => {
  desk.rule = newRule($("measure").value, desk.rule);
  move("measure", "rule");
});
for (const name of ["undo", "redo"]) {
  $(name).addEventListener("click", async () => {
    const told = await ask(name, {});
    if (told) { adopt(told); solve(); }
  });
}
$("keep").addEventListener("click", () => { kept = plan; $("drop-kept").hidden = false; show(); });
$("drop-kept").addEventListener("click", () => { kept = null; $("drop-kept").hidden = true; $("compared").textContent = ""; show(); });
$("search").addEventListener("input", () => plan && showTasks());
$("wish-close").addEventListener("click", () => $("wish").close());
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
ask("state").then((state) => state && receive(state));
