import { describe, expect, it } from 'vitest';
import { nameOfFound } from './found-names.ts';

const FREE = (): boolean => true;

describe('the name of an instance that a gateway lists', () => {
  it('is its id, with its account where several find instances', () => {
    expect(nameOfFound('evo', 'shop-1', false, FREE)).toBe('shop-1');
    expect(nameOfFound('evo', 'shop-1', true, FREE)).toBe('evo.shop-1');
  });

  it.each(['Loja São Paulo', '../../etc/passwd', '<script>alert(1)</script>', '🙂', 'a b', 'x'.repeat(256), '-'])(
    'is a name in any case: %s',
    (id) => {
      const name = nameOfFound('evo', id, false, FREE);
      expect(name).toMatch(/^[A-Za-z0-9._-]{1,63}$/);
      expect(nameOfFound('evo', id, false, FREE)).toBe(name);
      expect(nameOfFound('beta', id, false, FREE)).not.toBe(name === id ? '' : name);
      expect(nameOfFound('evo', `${id} `, false, FREE)).not.toBe(name);
    },
  );

  it('says what it can of an odd id', () => {
    expect(nameOfFound('evo', 'Loja São Paulo', false, FREE)).toMatch(/^Loja-Sao-Paulo-[0-9a-f]{8}$/);
  });

  it('is never one that is taken', () => {
    const taken = new Set(['shop-1']);
    const name = nameOfFound('evo', 'shop-1', false, (free) => !taken.has(free));
    expect(name).toMatch(/^shop-1-[0-9a-f]{8}$/);
    expect(nameOfFound('evo', 'shop-1', false, () => false)).toBe(null);
  });
});
