// The folders of lib/ from the top down: a file imports from its own level or from a lower one, never from a higher one.
const LEVELS = [
  '^lib/(cli|server)/',
  '^lib/config/',
  '^lib/index[.]ts$',
  '^lib/api/',
  '^lib/http/',
  '^lib/(service|telco-numbers)[.]ts$',
  '^lib/(changes|import|loads|people|records)/|^lib/(migrate|options)[.]ts$',
  '^lib/repository/',
  '^lib/(database|concurrency|numbers|parameters|sql)/',
  '^lib/errors[.]ts$'
]

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circles', comment: 'Files must not import each other, not even types.', severity: 'error', from: {}, to: { circular: true } },
    ...LEVELS.slice(1).map((level, index) => ({
      name: `not-up-from-level-${index + 1}`,
      comment: 'Imports must only point down.',
      severity: 'error',
      from: { path: level },
      to: { path: LEVELS.slice(0, index + 1).join('|') }
    }))
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' }
  }
}
