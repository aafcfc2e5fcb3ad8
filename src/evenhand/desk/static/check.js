"use strict";
// Checks a plan and its certificate in exact arithmetic, without the solver: read it, it is short.
//
// A float is a whole number times a power of two, so that sums and products of floats are exact as fractions of BigInts.
// A square root is enclosed between two fractions. The certificate is a list of points z with multipliers mu >= 0. At each
// point, the measure of unfairness Phi has a slope g, and because Phi is convex and homogeneous, every fair x has
// (beta / n - g) . x >= 0: that is a cut. Their sum v has v . x >= 0 too; for limits, v . x >= a sum of limits. So every
// plan that keeps all rules costs at least the sum over tasks of min over agents of (cost - sum of v burden), minus
// v . (loads from before), plus the limits' sums.

const ROOT_BITS = 120n, DUAL_BITS = 96n, TOLERANCE = fraction(1n, 1000000000n);
function gcd(a, b) { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; }
function fraction(n, d = 1n) {
  if (d < 0n) [n, d] = [-n, -d];
  const common = gcd(n, d) || 1n;
  return { n: n / common, d: d / common };
}
const add = (a, b) => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
const sub = (a, b) => fraction(a.n * b.d - b.n * a.d, a.d * b.d);
const mul = (a, b) => fraction(a.n * b.n, a.d * b.d);
const div = (a, b) => fraction(a.n * b.d, a.d * b.n);
const less = (a, b) => a.n * b.d < b.n * a.d;
const least = (values) => values.reduce((a, b) => (less(b, a) ? b : a));
const most = (values) => values.reduce((a, b) => (less(a, b) ? b : a));
const total = (values) => values.reduce(add, ZERO);
const ZERO = fraction(0n), ONE = fraction(1n);
// The exact value of a float.
function exact(x) {
  if (!Number.isFinite(x)) throw new Error(`${x} is no number`);
  let shift = 0n;
  while (!Number.isInteger(x)) { x *= 2; shift += 1n; }
  return { n: BigInt(x), d: 1n << shift }; // in lowest terms: the doubling stops at an odd number
}
// Fractions below and above the square root of a fraction.
function root(value) {
  if (value.n === 0n) return same(ZERO);
  const scaled = (value.n << (2n * ROOT_BITS)) / value.d || 1n;
  let guess = 1n << BigInt(Math.ceil(scaled.toString(2).length / 2));
  for (let next = (guess + scaled / guess) >> 1n; next < guess; next = (guess + scaled / guess) >> 1n) guess = next;
  return { low: fraction(guess, 1n << ROOT_BITS), high: fraction(guess + 1n, 1n << ROOT_BITS) };
}
const same = (value) => ({ low: value, high: value }), absolute = (a) => fraction(a.n < 0n ? -a.n : a.n, a.d);
function over(value, interval) {
  const [a, b] = [interval.low, interval.high].map((bound) => div(value, bound));
  return less(a, b) ? { low: a, high: b } : { low: b, high: a };
}

// Shares of the agents, and loads over the shares they are entitled to.
function sharesOf(n, entitlements) {
  const given = entitlements ? entitlements.map(exact) : Array(n).fill(ONE), sum = total(given);
  return given.map((one) => div(one, sum));
}
const firstOf = (values, wanted) => values.findIndex((value) => value.n * wanted.d === wanted.n * value.d);
const mean = (u, shares) => total(u.map((one, i) => mul(one, shares[i])));
const squares = (u, shares) => total(u.map((one, i) => mul(mul(one, one), shares[i])));

// Each measure: its value and its slope (n times a subgradient) at relative loads u, and its bound, as intervals.
const deviation = {
  value: (u, shares) => root(sub(squares(u, shares), mul(mean(u, shares), mean(u, shares)))),
  slope(u, shares) {
    const middle = mean(u, shares), off = u.map((one) => sub(one, middle)), length = root(squares(off, shares));
    return length.low.n === 0n ? u.map(() => same(ZERO)) : off.map((one) => over(one, length));
  },
};
const MEASURES = {
  max_over_mean: {
    value: (u) => same(most(u)),
    slope: (u, shares) => u.map((_, i) => same(i === firstOf(u, most(u)) ? div(ONE, shares[i]) : ZERO)),
    bound: (ratio, smallest) => same(least([ratio, div(ONE, smallest)])),
  },
  least_over_mean: {
    value: (u, shares) => same(sub(mean(u, shares), least(u))),
    slope: (u, shares) => u.map((_, i) => same(i === firstOf(u, least(u)) ? sub(ONE, div(ONE, shares[i])) : ONE)),
    bound: (ratio) => same(sub(ONE, ratio)),
  },
  range: {
    value: (u) => same(sub(most(u), least(u))),
    slope(u, shares) {
      const top = firstOf(u, most(u)), low = firstOf(u, least(u));
      return u.map((_, i) => same(sub(i === top ? div(ONE, shares[i]) : ZERO, i === low ? div(ONE, shares[i]) : ZERO)));
    },
    bound: (range, smallest) => same(least([range, div(ONE, smallest)])),
  },
  hoover: {
    value(u, shares) {
      const middle = mean(u, shares);
      return same(div(total(u.map((one, i) => mul(absolute(sub(one, middle)), shares[i]))), fraction(2n)));
    },
    slope(u, shares) {
      const middle = mean(u, shares), signs = u.map((one) => fraction(BigInt(Number(less(middle, one)) - Number(less(one, middle)))));
      const drift = mean(signs, shares);
      return signs.map((sign) => same(div(sub(sign, drift), fraction(2n))));
    },
    bound: (index, smallest) => same(least([index, sub(ONE, smallest)])),
  },
  gini: {
    value(u, shares) {
      const apart = u.flatMap((a, i) => u.map((b, j) => mul(absolute(sub(a, b)), mul(shares[i], shares[j]))));
      return same(div(total(apart), fraction(2n)));
    },
    slope(u, shares) {
      const held = (wanted) => total(shares.filter((_, j) => wanted(u[j])));
      return u.map((one) => same(sub(held((other) => less(other, one)), held((other) => less(one, other)))));
    },
    bound: (index, smallest) => same(least([index, sub(ONE, smallest)])),
  },
  cv: { ...deviation, bound: (cv, smallest) => root(least([mul(cv, cv), sub(div(ONE, smallest), ONE)])) },
  jain: { ...deviation, bound: (index, smallest) => root(sub(div(ONE, most([index, smallest])), ONE)) },
  epsilon: {
    value: (u, shares) => root(squares(u, shares)),
    slope(u, shares) { const length = root(squares(u, shares)); return u.map((one) => over(one, length)); },
    bound(level, smallest) {
      const worst = root(smallest), part = (bound) => add(mul(bound, sub(ONE, level)), level);
      return { low: div(ONE, part(worst.high)), high: div(ONE, part(worst.low)) };
    },
  },
};
const EQUALITY = { max_over_mean: 1, least_over_mean: 1, range: 0, hoover: 0, gini: 0, cv: 0, jain: 1, epsilon: 1 };

// Coefficients, rounded up, that no fair loads make negative: larger ones are valid too, because loads are not negative.
function cut(measure, beta, point, shares) {
  const n = fraction(BigInt(point.length));
  const u = point.some((load) => load.n) ? point.map((load, i) => div(load, shares[i])) : point.map(() => ONE);
  return measure.slope(u, shares).map((slope) => div(sub(beta.high, slope.low), n));
}

// Whether loads are fair: the measure is at most the bound times the mean, within a billionth; or all are alike within it.
function fair(measure, beta, loads, shares) {
  const u = loads.map((load, i) => div(load, mul(fraction(BigInt(loads.length)), shares[i]))), middle = mean(u, shares);
  if (!less(mul(TOLERANCE, middle), sub(most(u), least(u)))) return true;
  return !less(mul(mul(beta.low, middle), add(ONE, TOLERANCE)), measure.value(u, shares).high);
}

// A table of floats as whole numbers n in units of 1 / d; 0 where a pair is forbidden. Kept as long as the table is.
const tables = new WeakMap();
function whole(values) {
  if (!tables.has(values)) {
    const found = values.map((row) => row.map((x) => exact(x ?? 0)));
    const d = found.flat().reduce((d, one) => (one.d > d ? one.d : d), 1n);
    tables.set(values, { d, n: found.map((row) => row.map((one) => one.n * (d / one.d))) });
  }
  return tables.get(values);
}

// What is asked, in the order of the certificate: a measure with its bound, or limits, of the loads that a table makes.
function rowsOf(desk, asked) {
  const n = desk.costs.agents.length, shares = sharesOf(n, desk.entitlements), none = Array(n).fill(ZERO);
  const before = desk.initial_loads ? desk.initial_loads.map(exact) : none, own = (desk.burdens || desk.costs).values;
  const fairly = (values, carried, { measure: name, parameter, p }) => {
    if (!MEASURES[name] || (name === "epsilon" && p !== null && p !== 2)) throw new Error("this measure is checked by evenhand verify");
    // A rule that asks for equal loads is that of the largest one, at most the mean.
    const equal = parameter === EQUALITY[name], measure = MEASURES[equal ? "max_over_mean" : name];
    return { values, before: carried, shares, measure, beta: equal ? same(ONE) : measure.bound(exact(parameter), least(shares)) };
  };
  const given = (limit) => (limit === null ? null : exact(limit));
  const limited = (values, carried, low, high) => ({ values, before: carried, least: given(low), most: given(high) });
  const { least_tasks, most_tasks, most_load } = asked.bounds, ones = own.map((row) => row.map(() => 1));
  const further = desk.further.flatMap(({ table: { values } }, k) => [
    asked.shares[k].on && fairly(values, none, asked.shares[k].rule),
    asked.shares[k].most !== null && limited(values, none, null, asked.shares[k].most)]);
  return [fairly(own, before, asked.rule), ...further,
    (least_tasks !== null || most_tasks !== null) && limited(ones, none, least_tasks, most_tasks),
    most_load !== null && limited(own, before, null, most_load)].filter(Boolean);
}

// Refuse loads that break a rule, or a limit by more than a billionth.
function keeps({ measure, beta, shares, least: low, most: high }, loads) {
  const refuse = (why) => { throw new Error(why); };
  if (measure && !fair(measure, beta, loads, shares)) refuse("the plan is not as fair as the rule asks");
  if (low && less(least(loads), mul(low, sub(ONE, TOLERANCE)))) refuse("somebody has less than a limit asks");
  if (high && less(mul(high, add(ONE, TOLERANCE)), most(loads))) refuse("somebody has more than a limit allows");
}

// Prices v of a unit of a row's burden for each agent, in 2^-96 and rounded up, with v . x at least `gained` for all loads x
// that keep the row: the sum of the cuts of a measure, or the multipliers of the limits (of the least minus those of the most).
function priceOf(row, { multipliers, points, least: low = [], most: high = [] }) {
  if ([...multipliers, ...points.flat(), ...low, ...high].some((x) => x < 0)) throw new Error("the certificate has a negative number");
  let v = row.before.map(() => ZERO), gained = ZERO;
  if (row.measure) multipliers.forEach((multiplier, k) => {
    const a = cut(row.measure, row.beta, points[k].map(exact), row.shares);
    v = v.map((one, i) => add(one, mul(exact(multiplier), a[i])));
  });
  for (const [limit, sizes, sign] of [[row.least, low, 1n], [row.most, high, -1n]]) {
    if (limit) v = v.map((one, i) => {
      const price = mul(fraction(sign), exact(sizes[i]));
      gained = add(gained, mul(price, limit));
      return add(one, price);
    });
  }
  return { gained, v: v.map((one) => (one.n ? -((-(one.n << DUAL_BITS)) / one.d) + 1n : 0n)) };
}

// Who may do what: pairs that the table allows and no wish excludes.
function permission(desk, wishes) {
  const banned = new Set(wishes.filter((wish) => wish.kind === "forbid").map((wish) => `${wish.agent} ${wish.task}`));
  const locked = new Map(wishes.filter((wish) => wish.kind === "lock").map((wish) => [wish.task, wish.agent]));
  return (i, j) => desk.costs.values[i][j] !== null && !banned.has(`${i} ${j}`) && (locked.get(j) ?? i) === i;
}

// The least that a plan costs which keeps all rows. With `free`, costs are 0: a bound above 0 proves that there is no plan.
function boundOf(desk, rows, allowed, certificate, free) {
  const given = certificate.rules || [certificate], paid = whole(desk.costs.values);
  if (given.length !== rows.length) throw new Error("the certificate is for other rules");
  const prices = rows.map((row, r) => ({ row, table: whole(row.values), ...priceOf(row, given[r]) })).filter(({ v }) => v.some(Boolean));
  const unit = prices.reduce((d, { table }) => (table.d << DUAL_BITS > d ? table.d << DUAL_BITS : d), paid.d);
  let bound = ZERO, sum = 0n;
  for (const price of prices) {
    bound = add(bound, sub(price.gained, total(price.row.before.map((load, i) => mul(fraction(price.v[i], 1n << DUAL_BITS), load)))));
    price.v = price.v.map((one) => one * (unit / (price.table.d << DUAL_BITS)));
  }
  for (let j = 0; j < desk.costs.tasks.length; j++) {
    let cheapest = null;
    for (let i = 0; i < desk.costs.agents.length; i++) {
      if (!allowed(i, j)) continue;
      let reduced = free ? 0n : paid.n[i][j] * (unit / paid.d);
      for (const { v, table } of prices) reduced -= v[i] * table.n[i][j];
      if (cheapest === null || reduced < cheapest) cheapest = reduced;
    }
    sum += cheapest;
  }
  return add(bound, fraction(sum, unit));
}

// Check a plan of the page: its sums, that it keeps what is asked, and the bound that its certificate proves, if it has one.
function recheck(desk, plan) {
  const rows = rowsOf(desk, plan.asked), allowed = permission(desk, plan.asked.wishes);
  plan.assignment.forEach((i, j) => {
    if (!allowed(i, j)) throw new Error(`${desk.costs.tasks[j]} is with somebody who may not do it`);
  });
  const sums = (values, before) => {
    const table = whole(values), found = before.map(() => 0n);
    plan.assignment.forEach((i, j) => { found[i] += table.n[i][j]; });
    return found.map((sum, i) => add(before[i], fraction(sum, table.d)));
  };
  const loads = rows.map((row) => sums(row.values, row.before));
  rows.forEach((row, r) => keeps(row, loads[r]));
  const cost = total(sums(desk.costs.values, rows[0].before.map(() => ZERO)));
  const bound = plan.certificate && boundOf(desk, rows, allowed, plan.certificate, false);
  const float = (a) => Number((a.n << 64n) / a.d) / 2 ** 64, gap = bound && (cost.n ? float(div(sub(cost, bound), absolute(cost))) : 0);
  return { loads: loads[0].map(float), cost: float(cost), bound: bound && float(bound), gap, rules: rows.length };
}

// Whether the certificate proves that no plan keeps what is asked.
function refuted(desk, plan) {
  if (!plan.certificate || plan.certificate.kind !== "infeasible") return false;
  return less(ZERO, boundOf(desk, rowsOf(desk, plan.asked), permission(desk, plan.asked.wishes), plan.certificate, true));
}
