const NUMBERS = new Intl.NumberFormat('pt-BR');

/** `10.000`. */
export function number(value: number): string {
  return NUMBERS.format(value);
}

/** `1 instância`, `10.000 instâncias`. */
export function counted(many: number, one: string, more: string): string {
  return `${number(many)} ${many === 1 ? one : more}`;
}

export function instances(many: number): string {
  return counted(many, 'instância', 'instâncias');
}
