import tseslint from 'typescript-eslint';

/** Ambient time and chance make a decision irreproducible, so the clocks alone may touch them. */
const ambientGlobals = [
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
].map((name) => ({ name, message: 'Take time from the injected Clock (src/time/clock.ts).' }));

const ambientProperties = [
  { object: 'Math', property: 'random', message: 'Take chance from the injected Clock (src/time/clock.ts).' },
  { object: 'process', property: 'hrtime', message: 'Take time from the injected Clock (src/time/clock.ts).' },
  { object: 'AbortSignal', property: 'timeout', message: 'Use deadline() of src/time/clock.ts.' },
  {
    object: 'AbortSignal',
    property: 'any',
    message: 'Use deadline() of src/time/clock.ts: any() leaks on Node 20.',
  },
];

const shape = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
  { selector: 'ExportNamedDeclaration[source]', message: 'No barrels: import from the file that defines it.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  { selector: 'Decorator', message: 'No decorators.' },
];

/**
 * `Date` is allowed where it only computes with the time it is given: `new Date(at)`, `Date.UTC` and `Date.parse`. It
 * must not read the clock (`Date.now()`, `new Date()`, `Date()`, `Date` passed on) or the time zone of the machine.
 */
const ambientDates = [
  {
    selector:
      'Identifier[name="Date"]:not(NewExpression[arguments.length=1] > Identifier.callee, MemberExpression[property.name=/^(UTC|parse)$/] > Identifier.object, TSTypeReference > Identifier)',
    message:
      'Take time from the injected Clock (src/time/clock.ts); new Date(at), Date.UTC and Date.parse are allowed.',
  },
  {
    selector:
      'MemberExpression[property.name=/^([gs]et(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|TimezoneOffset)|to(Locale)?(Date|Time)String)$/]',
    message: 'Use the UTC method: the time zone of the machine is not an input.',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', '.bench/**', 'node_modules/**', 'coverage/**', '**/.mutants/**'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts', '**/*.tsx'] })),
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-duplicate-imports': 'error',
      'no-restricted-syntax': ['error', ...shape],
    },
  },
  {
    files: ['src/**/*.ts', 'src/page/**/*.tsx'],
    ignores: ['src/time/clock.ts', 'src/simulation/simulated-clock.ts', 'src/page/state/page-clock.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals],
      'no-restricted-properties': ['error', ...ambientProperties],
      'no-restricted-syntax': ['error', ...shape, ...ambientDates],
      'no-restricted-imports': [
        'error',
        {
          paths: ['timers', 'node:timers', 'timers/promises', 'node:timers/promises', 'perf_hooks', 'node:perf_hooks'],
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'vitest*.config.ts', 'vite.config.ts', 'bench/**/*.ts'],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', ...shape],
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Words of gateways are shown on the page; they must never be able to be markup.
    files: ['src/page/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...shape,
        // The time zone is that of whoever looks at the page; the time itself comes from src/page/state/page-clock.ts.
        ambientDates[0],
        {
          selector:
            'JSXAttribute[name.name="dangerouslySetInnerHTML"], MemberExpression[property.name=/^(inner|outer)HTML$/], CallExpression[callee.property.name=/^(insertAdjacentHTML|write|writeln)$/]',
          message: 'Text is text: no HTML from strings.',
        },
      ],
    },
  },
  { files: ['src/page/state/page-clock.ts'], rules: { 'no-restricted-syntax': ['error', ...shape] } },
  { files: ['vitest*.config.ts', 'vite.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
