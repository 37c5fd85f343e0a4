import type { ScenarioResult } from './scenario.js'

const HEADINGS = ['scenario', 'rounds', 'faults', 'requests', 'violations']

/** Returns the table that a run prints at its end. */
export function describeResults (results: ReadonlyMap<string, ScenarioResult>): string {
  const rows = [...results].map(([name, { rounds, faults, requests, violations }]) => (
    [name, ...[rounds, faults, requests, violations.length].map(String)]))
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => (
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const ruler = `| ${widths.map((width, column) => column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`).join(' | ')} |`
  return [line(HEADINGS), ruler, ...rows.map(line)].join('\n')
}
