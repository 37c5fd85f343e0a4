import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

const FOLDERS = ['lib', 'test', 'torture', 'bench']

/** The folder of the compiled code, below that of the repository. */
export const BUILD = '.build'

const TYPEBOX = join(BUILD, 'typebox')

const TYPEBOX_MODULES: Record<string, string> = { '@sinclair/typebox': 'type', '@sinclair/typebox/value': 'value' }

/** TypeBox is more than half of the modules that the process of a test file loads, so it becomes a few. */
const typeboxInFewModules: Plugin = {
  name: 'typebox-in-few-modules',
  setup (compiler) {
    compiler.onResolve({ filter: /./ }, ({ kind, path }) => {
      if (kind === 'entry-point') return undefined
      const module = TYPEBOX_MODULES[path]
      return { path: module === undefined ? path : resolve(TYPEBOX, `${module}.js`), external: true }
    })
  }
}

/**
 * Compiles every TypeScript file into `.build`, with source maps and without type checks. It takes a second; otherwise the
 * process of each test file would compile `lib` again. package.json is copied, because the code reads it.
 */
export async function compile (): Promise<void> {
  const files = await Promise.all(FOLDERS.map(async folder => (
    (await readdir(folder, { recursive: true })).map(file => join(folder, file)))))
  const common = { bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' } as const
  await Promise.all([
    build({
      ...common,
      entryPoints: [...files.flat().filter(file => file.endsWith('.ts')), 'package.json'],
      loader: { '.json': 'copy' },
      outbase: '.',
      outdir: BUILD,
      sourcemap: true,
      sourcesContent: false,
      plugins: [typeboxInFewModules]
    }),
    build({
      ...common,
      entryPoints: Object.entries(TYPEBOX_MODULES).map(([path, name]) => ({ in: path, out: name })),
      outdir: TYPEBOX,
      splitting: true
    })
  ])
}
