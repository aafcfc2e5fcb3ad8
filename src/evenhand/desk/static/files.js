"use strict";
// Files that are chosen or dropped: what they are, and what the server says to them.
// Several files may come at once: each is recognised or asked about, and the table of costs is taken first.
async function takeAll(files) {
  complain("");
  $("remedies").replaceChildren();
  let left = [...files], notes = [], state = null;
  const answered = new Map();
  while (left.length) {
    const told = [];
    for (const file of left) {
      if (file.size > LARGEST) { complain(`${file.name} has over ${LARGEST / 1e6} MB; the command line takes it: evenhand assign FILE`, "file"); return; }
      const found = answered.has(file) ? { roles: [answered.get(file)], hints: [] } : await ask(`recognise?${new URLSearchParams({ name: file.name })}`, file, true);
      if (!found) return;
      told.push({ file, roles: found.roles, hints: found.hints });
    }
    // Of several tables on an empty desk, one only is the costs: the one whose name says so, or the only one whose name says
    // nothing else, or the one that is asked for.
    const tables = told.filter((one) => one.roles[0] === "costs");
    if (!desk && tables.length > 1) {
      const named = tables.filter((one) => one.hints.includes("costs")), plain = tables.filter((one) => !one.hints.length);
      const costs = named.length === 1 ? named[0] : named.length === 0 && plain.length === 1 ? plain[0] : null;
      tables.forEach((one) => { one.roles = costs === null ? ["costs", "burdens", "further"] : one === costs ? ["costs"] : ["later"]; });
    }
    const order = desk ? Object.keys(roles) : ["session", "costs", "agent_places", "task_places"];
    const ready = told.filter((one) => one.roles.length === 1 && order.includes(one.roles[0]))
      .sort((a, b) => order.indexOf(a.roles[0]) - order.indexOf(b.roles[0]));
    const next = ready[0] || told.find((one) => one.roles.length > 1) || told[0];
    if (next.roles.length > 1) {
      const role = await askRole(next.file.name, next.roles);
      if (role) answered.set(next.file, role); else left = left.filter((file) => file !== next.file);
      continue;
    }
    left = left.filter((file) => file !== next.file);
    const answer = await take(next.file, next.roles[0]);
    if (!answer) break;
    notes = answer.desk && !desk ? answer.notes : notes.concat(answer.notes);
    if (answer.desk) { state = answer; desk = answer.desk; }
  }
  $("notes").textContent = notes.join("\n");
  if (state) receive(state);
}

// What the server makes of a file; where the server asks one question about it, wait until the user presses one of the answers.
async function take(file, role, reading = {}) {
  const answer = await ask(`table?${new URLSearchParams({ name: file.name, role, reading: JSON.stringify(reading) })}`, file, true, "file");
  if (answer) {
    if (answer.remedies.length) offer(answer.remedies).then((said) => said && takeAs(file, role, { ...reading, ...said }));
    return answer;
  }
  if (!remediesNow.length) return null;
  const said = await offer(remediesNow);
  if (!said) return null;
  const names = (name) => [...(reading[name] || []), ...(said[name] || [])];
  complain("");
  return take(file, role, { ...reading, ...said, ignore_rows: names("ignore_rows"), ignore_columns: names("ignore_columns") });
}
function offer(remedies) {
  return new Promise((resume) => {
    const button = (words, said) => {
      const one = made("button", words);
      one.addEventListener("click", () => { $("remedies").replaceChildren(); resume(said); });
      return one;
    };
    $("remedies").replaceChildren(...remedies.map((one) => button(one.words, one.reading)), button("Leave it as it is", null));
  });
}

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
async function takeAs(file, role, reading = {}) {
  if (!file) return;
  complain("");
  $("remedies").replaceChildren();
  if (file.size > LARGEST) { complain(`${file.name} has over ${LARGEST / 1e6} MB; the command line takes it: evenhand assign FILE`, "file"); return; }
  const state = await take(file, role, reading);
  if (!state) return;
  $("notes").textContent = state.notes.join("\n");
  receive(state);
}

// Emptied afterwards, so that the same file can be chosen again once it is mended.
const chosen = (name, use) => $(name).addEventListener("change", (event) => { use([...event.target.files]); event.target.value = ""; });
chosen("costs-file", ([file]) => takeAs(file, "costs"));
chosen("burdens-file", ([file]) => takeAs(file, "burdens"));
chosen("further-file", ([file]) => takeAs(file, "further"));
chosen("more-files", takeAll);
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  takeAll(event.dataTransfer.files);
});
