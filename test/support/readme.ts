import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.js'

const FENCED = /^```(\w*)\n(.*?)\n```$/gms

/** A fenced block of a page. */
export interface Block {
  /** The language of the fence: `sh`, `ts`, `sql`; `json` after `sh` is the output of the command. */
  readonly language: string
  readonly text: string
}

/** A section of a page: its prose, and its blocks in their order. */
export interface Section {
  readonly prose: string
  readonly blocks: readonly Block[]
}

/** Returns the section of a page with a heading, including its subsections. */
export function sectionOf (heading: string, page = 'README.md'): Section {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n')
  const first = lines.indexOf(heading)
  if (first < 0) throw new Error(`${page} has no "${heading}"`)
  const level = heading.indexOf(' ')
  const length = lines.slice(first + 1).findIndex(line => new RegExp(`^#{1,${level}} `).test(line))
  const text = lines.slice(first, length < 0 ? undefined : first + 1 + length).join('\n')
  return { prose: text.replaceAll(FENCED, ''), blocks: blocksIn(text) }
}

/** Returns all blocks of a page. */
export function blocksOf (page: string): Block[] {
  return blocksIn(readFileSync(join(ROOT, page), 'utf8'))
}

function blocksIn (text: string): Block[] {
  return [...text.matchAll(FENCED)].map(([, language = '', block = '']) => ({ language, text: block }))
}

/** Returns the commands in the shell blocks of a section, without their comments. */
export function commandsOf ({ blocks }: Section): string[] {
  return blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => (
    text.split('\n').map(line => line.replace(/\s+#.*$/, '').trim()).filter(line => line !== '')))
}
