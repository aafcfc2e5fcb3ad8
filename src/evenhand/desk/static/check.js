"use strict";
// Checks a plan and its certificate in exact arithmetic, without the solver: read it, it is short.
//
// A float is a whole number times a power of two, so that sums and products of floats are exact as fractions of BigInts.
// A square root is enclosed between two fractions. The certificate is a list of points z with multipliers mu >= 0. At each
// point, the measure of unfairness Phi has a slope g, and because Phi is convex and homogeneous, every fair x has
// (beta / n - g) . x >= 0: that is a cut. Their sum v has v . x >= 0 too, so that every fair plan costs at least the sum
// over tasks of min over agents of (cost - v burden), minus v . (loads from before).

const ROOT_BITS = 120n, DUAL_BITS = 96n;
const TOLERANCE = fraction(1n, 1000000000n);

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
const same = (value) => ({ low: value, high: value });
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
    slope(u, shares) {
      const top = firstOf(u, most(u));
      return u.map((_, i) => same(i === top ? div(ONE, shares[i]) : ZERO));
    },
    bound: (ratio, smallest) => same(least([ratio, div(ONE, smallest)])),
  },
  least_over_mean: {
    value: (u, shares) => same(sub(mean(u, shares), least(u))),
    slope(u, shares) {
      const low = firstOf(u, least(u));
      return u.map((_, i) => same(i === low ? sub(ONE, div(ONE, shares[i])) : ONE));
    },
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
const absolute = (a) => fraction(a.n < 0n ? -a.n : a.n, a.d);

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

// Check a plan of the page: its sums, that it is fair, and the bound that its certificate proves.
function recheck(desk, plan) {
  const { measure: name, parameter, p } = desk.rule;
  if (!MEASURES[name] || (name === "epsilon" && p !== null && p !== 2)) throw new Error("this measure is checked by evenhand verify");
  const n = desk.costs.agents.length, shares = sharesOf(n, desk.entitlements);
  // A rule that asks for equal loads is that of the largest one, at most the mean.
  const equal = parameter === EQUALITY[name], measure = MEASURES[equal ? "max_over_mean" : name];
  const beta = equal ? same(ONE) : measure.bound(exact(parameter), least(shares));
  const costs = desk.costs.values, burdens = (desk.burdens || desk.costs).values;
  const before = (desk.initial_loads || Array(n).fill(0)).map(exact);
  const allowed = (i, j) => costs[i][j] !== null && !desk.wishes.some((wish) => wish.task === j
    && (wish.kind === "forbid" ? wish.agent === i : wish.agent !== i));

  let cost = ZERO;
  const loads = [...before];
  plan.assignment.forEach((i, j) => {
    if (!allowed(i, j)) throw new Error(`${desk.costs.tasks[j]} is with somebody who may not do it`);
    cost = add(cost, exact(costs[i][j]));
    loads[i] = add(loads[i], exact(burdens[i][j]));
  });
  if (!fair(measure, beta, loads, shares)) throw new Error("the plan is not as fair as the rule asks");

  let v = Array(n).fill(ZERO);
  plan.certificate.multipliers.forEach((multiplier, k) => {
    if (multiplier < 0 || plan.certificate.points[k].some((load) => load < 0)) throw new Error("the certificate has a negative number");
    const a = cut(measure, beta, plan.certificate.points[k].map(exact), shares);
    v = v.map((one, i) => add(one, mul(exact(multiplier), a[i])));
  });
  // Rounded up to multiples of a power of two, which keeps numbers short.
  v = v.map((one) => fraction(-((-(one.n << DUAL_BITS)) / one.d) + 1n, 1n << DUAL_BITS));
  let bound = sub(ZERO, total(before.map((load, i) => mul(v[i], load))));
  for (let j = 0; j < desk.costs.tasks.length; j++) {
    const reduced = [];
    for (let i = 0; i < n; i++) {
      if (!allowed(i, j)) continue;
      // cost - v burden, not brought to lowest terms, which would take most of the time
      const c = exact(costs[i][j]), b = exact(burdens[i][j]);
      reduced.push({ n: c.n * v[i].d * b.d - v[i].n * b.n * c.d, d: c.d * v[i].d * b.d });
    }
    bound = add(bound, least(reduced));
  }
  const float = (a) => Number((a.n << 64n) / a.d) / 2 ** 64;
  const gap = cost.n ? float(div(sub(cost, bound), absolute(cost))) : 0;
  return { loads: loads.map(float), cost: float(cost), bound: float(bound), gap };
}
