import { readFileSync } from 'node:fs'

/** A fenced block of README. */
export interface Block {
  /** What stands behind the fence: `sh`, `ts`, or nothing for what a command prints. */
  readonly language: string
  readonly text: string
}

/** A section of README: its prose, and its blocks in their order. */
export interface Section {
  readonly prose: string
  readonly blocks: readonly Block[]
}

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The section with a heading, its own sections included. */
export function sectionOf (heading: string): Section {
  const lines = README.split('\n')
  const first = lines.indexOf(heading)
  if (first < 0) throw new Error(`README has no "${heading}"`)
  const level = heading.indexOf(' ')
  const length = lines.slice(first + 1).findIndex(line => new RegExp(`^#{1,${level}} `).test(line))
  const text = lines.slice(first, length < 0 ? undefined : first + 1 + length).join('\n')
  const fenced = /^```(\w*)\n(.*?)\n```$/gms
  return {
    prose: text.replaceAll(fenced, ''),
    blocks: [...text.matchAll(fenced)].map(([, language = '', block = '']) => ({ language, text: block }))
  }
}

/** The commands of a section's shell blocks, without their comments. */
export function commandsOf ({ blocks }: Section): string[] {
  return blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => (
    text.split('\n').map(line => line.replace(/\s+#.*$/, '').trim()).filter(line => line !== '')))
}
