import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const FOLDERS = ['lib', 'test', 'torture', 'bench']

/** The folder of the compiled code, below that of the repository. */
export const BUILD = '.build'

/**
 * Compiles every TypeScript file into `.build`, with source maps and without type checks. It takes less than a second;
 * otherwise the process of each test file would compile `lib` again. package.json is copied, because the code reads it.
 */
export async function compile (): Promise<void> {
  const files = await Promise.all(FOLDERS.map(async folder => (
    (await readdir(folder, { recursive: true })).map(file => join(folder, file)))))
  await build({
    entryPoints: [...files.flat().filter(file => file.endsWith('.ts')), 'package.json'],
    loader: { '.json': 'copy' },
    outbase: '.',
    outdir: BUILD,
    platform: 'node',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning'
  })
}
