const NUMBERS = new Intl.NumberFormat('en-GB');

/** `10,000`. */
export function number(value: number): string {
  return NUMBERS.format(value);
}

/** `1 instance`, `10,000 instances`. */
export function counted(many: number, one: string): string {
  return `${number(many)} ${one}${many === 1 ? '' : 's'}`;
}
