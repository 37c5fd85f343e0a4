import stylistic from '@stylistic/eslint-plugin'
import { defineConfig } from 'oxlint'

/** Besides what oxlint calls correctness. */
const STRICT = [
  'max-lines', 'no-array-constructor', 'no-case-declarations', 'no-empty', 'no-fallthrough', 'no-prototype-builtins',
  'no-regex-spaces', 'no-unexpected-multiline', 'no-useless-constructor', 'no-var', 'prefer-const', 'prefer-rest-params',
  'prefer-spread', 'preserve-caught-error', 'typescript/ban-ts-comment', 'typescript/no-confusing-void-expression',
  'typescript/no-deprecated', 'typescript/no-dynamic-delete', 'typescript/no-empty-object-type', 'typescript/no-explicit-any',
  'typescript/no-extraneous-class', 'typescript/no-invalid-void-type', 'typescript/no-misused-promises',
  'typescript/no-mixed-enums', 'typescript/no-namespace', 'typescript/no-non-null-asserted-nullish-coalescing',
  'typescript/no-non-null-assertion', 'typescript/no-require-imports', 'typescript/no-unnecessary-boolean-literal-compare',
  'typescript/no-unnecessary-condition', 'typescript/no-unnecessary-template-expression',
  'typescript/no-unnecessary-type-arguments', 'typescript/no-unnecessary-type-assertion',
  'typescript/no-unnecessary-type-constraint', 'typescript/no-unnecessary-type-conversion',
  'typescript/no-unnecessary-type-parameters', 'typescript/no-unsafe-argument', 'typescript/no-unsafe-assignment',
  'typescript/no-unsafe-call', 'typescript/no-unsafe-enum-comparison', 'typescript/no-unsafe-function-type',
  'typescript/no-unsafe-member-access', 'typescript/no-unsafe-return', 'typescript/only-throw-error',
  'typescript/prefer-literal-enum-member', 'typescript/prefer-promise-reject-errors',
  'typescript/prefer-reduce-type-parameter', 'typescript/prefer-return-this-type', 'typescript/related-getter-setter-pairs',
  'typescript/unified-signatures', 'typescript/use-unknown-in-catch-callback-variable'
]

export default defineConfig({
  plugins: ['typescript'],
  jsPlugins: ['@stylistic/eslint-plugin'],
  options: { typeAware: true, typeCheck: true },
  categories: { correctness: 'error' },
  ignorePatterns: ['dist/', '.tap/', '.build/', '.data/', 'lib/sql/texts.ts'],
  rules: {
    ...Object.fromEntries(STRICT.map(rule => [rule, 'error'])),
    ...stylistic.configs.customize({
      semi: false, quotes: 'single', commaDangle: 'never', braceStyle: '1tbs', arrowParens: false
    }).rules,
    'typescript/restrict-plus-operands': ['error', {
      allowAny: false, allowBoolean: false, allowNullish: false, allowNumberAndString: false, allowRegExp: false
    }],
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/restrict-template-expressions': ['error', { allowNumber: true }],
    '@stylistic/space-before-function-paren': ['error', 'always'],
    '@stylistic/max-len': ['error', { code: 130, ignoreStrings: true, ignoreTemplateLiterals: true }],
    '@stylistic/arrow-parens': ['error', 'as-needed'],
    '@stylistic/multiline-ternary': 'off',
    '@stylistic/operator-linebreak': 'off',
    '@stylistic/indent': 'off',
    '@stylistic/max-statements-per-line': 'off',
    '@stylistic/quote-props': ['error', 'as-needed'],
    '@stylistic/member-delimiter-style': ['error', {
      multiline: { delimiter: 'none' }, singleline: { delimiter: 'comma', requireLast: false }
    }]
  },
  overrides: [
    { files: ['test/**'], rules: { 'typescript/no-floating-promises': 'off', 'typescript/require-array-sort-compare': 'off' } },
    // JavaScript files have no types for these rules.
    {
      files: ['**/*.js'],
      rules: Object.fromEntries(['argument', 'assignment', 'call', 'member-access', 'return'].map(what => [`typescript/no-unsafe-${what}`, 'off']))
    }
  ]
})
