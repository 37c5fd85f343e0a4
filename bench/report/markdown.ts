import type { Row } from '../harness/bench.js'
import { isMet, median, type Result, type Samples, type Verdict } from '../harness/result.js'
import type { Machine } from './machine.js'

/** A row with its result. */
export interface Measured {
  readonly row: Row
  readonly result: Result
}

/** Returns the contents of results.md. */
export function describeRun (measured: readonly Measured[], machine: Machine, command: string, minutes: number): string {
  return `# Results

Made by \`${command}\` in ${minutes.toFixed(1)} minutes. Compare the ratios: the seconds depend on the machine.

- **Machine:** ${machine.hardware}; load average before the run ${machine.loadAverage}.
- **Versions:** ${machine.versions}.
- **PostgreSQL settings:** ${machine.settings}.
- **Method:** The candidates of a row alternate. Each starts with empty tables and after a checkpoint. The first round is not
  counted. Figures are medians, and a ratio is the median of the ratios of all rounds. HTTP is measured over a socket to a
  separate server process, from the first byte of the request to the last byte of the reply. "One statement" is
  \`INSERT … SELECT generate_series\` of the same rows into the same columns, over a plain connection.

![Seconds for a million numbers, and ratios](results.svg)

## Bounds

| row | figure | value | must | target | met |
| --- | --- | --- | --- | --- | --- |
${measured.flatMap(({ row, result }) => result.verdicts.map(verdict => `| ${[
  row.title, verdict.figure, formatValue(verdict), formatBound(verdict, verdict.must), formatBound(verdict, verdict.target),
  describeVerdict(verdict)
].join(' | ')} |`)).join('\n')}

## Measured

| row | candidate | median | min | max | runs |
| --- | --- | --- | --- | --- | --- |
${measured.flatMap(({ row, result }) => result.samples.map(sample => `| ${[
  row.title, sample.name, ...formatSamples(sample), sample.values.length
].join(' | ')} |`)).join('\n')}

${measured.flatMap(({ row, result }) => result.notes.map(note => `- **${row.title}:** ${note}`)).join('\n')}
`
}

/** Returns a row for the terminal. */
export function describeRow ({ row, result }: Measured): string {
  const samples = result.samples.map(sample => {
    const [middle, min, max] = formatSamples(sample)
    return `  ${sample.name}: ${middle} (${min} to ${max}, ${sample.values.length} runs)`
  })
  const verdicts = result.verdicts.map(verdict => {
    const bounds = [['must', verdict.must], ['target', verdict.target]] as const
    const given = bounds.filter(([, bound]) => bound !== undefined).map(([name, bound]) => `${name} ${formatBound(verdict, bound)}`)
    return `  => ${[`${verdict.figure} ${formatValue(verdict)}`, ...given, describeVerdict(verdict)].filter(part => part !== '').join(', ')}`
  })
  return [`${row.name}: ${row.title}`, ...samples, ...verdicts].join('\n')
}

function describeVerdict (verdict: Verdict): string {
  if (!isMet(verdict, verdict.must)) return '**must not met**'
  if (!isMet(verdict, verdict.target)) return verdict.must === undefined ? 'target not met' : 'must'
  return [...verdict.must === undefined ? [] : ['must'], ...verdict.target === undefined ? [] : ['target']].join(' and ')
}

function formatSamples ({ values, unit }: Samples): [string, string, string] {
  return [`${format(median(values))} ${unit}`, format(Math.min(...values)), format(Math.max(...values))]
}

function formatValue ({ value, unit }: Verdict): string {
  return `${unit === '' && value > 0 && value < 1000 ? value.toFixed(2) : format(value)} ${unit}`.trim()
}

function formatBound ({ isBetter, unit }: Verdict, bound: number | undefined): string {
  return bound === undefined ? '' : `${isBetter === 'lower' ? '<=' : '>='} ${bound} ${unit}`.trim()
}

function format (value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return value.toFixed(0)
  return value.toPrecision(3)
}
