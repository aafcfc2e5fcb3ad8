"use strict";
// Files that are chosen or dropped: what they are, and what the server says to them.
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
