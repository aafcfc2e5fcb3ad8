"use strict";
// The list of tasks, the dialogue about one of them, and the comparison with the plan that is kept.
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
      price.textContent = !told ? "" : told.cost === null ? (told.status === "infeasible" ? "no plan keeps the rest, proven" : "not found in time")
        : `${money(told.cost)} (${told.cost >= plan.cost ? "+" : ""}${money(told.cost - plan.cost)})`;
    });
    price.append(what);
    for (const [kind, words] of [["lock", "Give to"], ["forbid", "Not"]]) {
      const button = made("button", `${words} ${agent}`);
      button.addEventListener("click", async () => {
        const wishes = await ask("wish", { kind, task: j, agent: i });
        $("wish").close();
        if (wishes) { adopt(wishes); solve(); }
      });
      doing.append(button, " ");
    }
    return row;
  }));
  $("wish").showModal();
}

