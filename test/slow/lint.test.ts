import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../support/root.js'

/** Returns the names of the rules that the imports of a tree below `lib` break. */
async function brokenRules (folder: string): Promise<string[]> {
  const words = [join(ROOT, 'node_modules', '.bin', 'depcruise'), 'lib', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'err']
  const output = await new Promise<string>(resolve => {
    execFile(process.execPath, words, { cwd: folder }, (_error, stdout, stderr) => { resolve(stdout + stderr) })
  })
  return [...new Set([...output.matchAll(/error (no-circles|not-up)/g)].map(([, rule = '']) => rule))]
}

t.test('lint refuses circles and imports that point up', async t => {
  const tsconfig = { 'tsconfig.json': '{ "compilerOptions": { "module": "nodenext" } }' }
  t.strictSame(await brokenRules(t.testdir({
    ...tsconfig,
    lib: {
      loads: { 'plan.ts': 'import { select } from \'../repository/loads.js\'\nexport const plan = select\n' },
      repository: { 'loads.ts': 'export const select = 1\n' }
    }
  })), [], 'imports that point down')
  t.strictSame(await brokenRules(t.testdir({
    ...tsconfig,
    lib: {
      loads: {
        'plan.ts': 'import type { Undo } from \'./undo.js\'\nexport interface Plan { undo: Undo }\n',
        'undo.ts': 'import type { Plan } from \'./plan.js\'\nexport interface Undo { plan: Plan }\n'
      }
    }
  })), ['no-circles'], 'a circle of types')
  t.strictSame(await brokenRules(t.testdir({
    ...tsconfig,
    lib: {
      loads: { 'plan.ts': 'export type Plan = string\n' },
      repository: { 'loads.ts': 'import type { Plan } from \'../loads/plan.js\'\nexport const select: Plan = \'\'\n' }
    }
  })), ['not-up'], 'a type from above')
})
