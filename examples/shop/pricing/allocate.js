/**
 * Spreads what a coupon takes off over the lines of a cart, in proportion to what each line costs, to the cent: refunds of single
 * lines need to know what was really paid for them. A cart that costs less than the campaign's minimum gets nothing off.
 *
 * @param {readonly { sku: string, quantity: number, unitCents: number }[]} lines
 * @param {{ kind: 'percent' | 'amount', value: number }} coupon
 * @param {{ minimumCents: number, mostCents: number }} terms
 * @returns {{ sku: string, quantity: number, unitCents: number, lineCents: number, discountCents: number }[]}
 */
export function allocate(lines, coupon, terms) {
  const subtotal = lines.reduce((sum, line) => sum + line.quantity * line.unitCents, 0);
  if (subtotal < terms.minimumCents) return atFullPrice(lines);
  const discountCents = Math.min(discountOf(coupon, subtotal), terms.mostCents);
  const allocated = [];
  for (const line of lines) {
    const lineCents = line.quantity * line.unitCents;
    const share = lineCents / subtotal;
    const discount = Math.floor(discountCents * share);
    allocated.push({ ...line, lineCents, discountCents: discount });
  }
  return spreadRest(allocated, discountCents);
}

/** The lines of a cart from which nothing is taken off. */
export function atFullPrice(lines) {
  return lines.map((line) => ({ ...line, lineCents: line.quantity * line.unitCents, discountCents: 0 }));
}

/** Cents that rounding down left over go to the dearest lines. */
function spreadRest(lines, discountCents) {
  let rest = discountCents - lines.reduce((sum, line) => sum + line.discountCents, 0);
  const dearestFirst = lines.toSorted((a, b) => b.lineCents - a.lineCents);
  for (const line of dearestFirst) {
    if (rest <= 0) break;
    line.discountCents += 1;
    rest -= 1;
  }
  return lines;
}

/**
 * What a coupon takes off: a part of the price, or an amount, but never more than the price.
 * @param {{ kind: 'percent' | 'amount', value: number }} coupon
 */
export function discountOf(coupon, subtotalCents) {
  const off = coupon.kind === 'percent' ? Math.round((subtotalCents * coupon.value) / 100) : coupon.value;
  return Math.min(off, subtotalCents);
}
