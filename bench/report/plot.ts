import { median, type Verdict } from '../harness/result.js'
import type { Measured } from './markdown.js'

const WIDTH = 900
const LABEL = 400
const RIGHT = 90
const LINE = 26
const BAR = 16
const HEAD = 44

interface Bar {
  readonly label: string
  readonly value: number
  readonly text: string
  readonly range?: readonly [number, number]
  /** Bounds, drawn as lines: must and target. */
  readonly must?: number | undefined
  readonly target?: number | undefined
  readonly isOurs: boolean
}

/** Returns results.svg: the seconds of every candidate that loads numbers, and every ratio with its bounds. */
export function plotRun (measured: readonly Measured[]): string {
  const seconds = measured.flatMap(({ row, result }) => result.samples.filter(({ unit }) => unit === 's').map(({ name, values }): Bar => ({
    label: `${row.name}: ${name}`,
    value: median(values),
    text: `${median(values).toFixed(2)} s`,
    range: [Math.min(...values), Math.max(...values)],
    isOurs: isOurs(name)
  })))
  const ratios = measured.flatMap(({ row, result }) => result.verdicts.filter(isRatio).map((verdict): Bar => ({
    label: `${row.name}: ${verdict.figure}`,
    value: verdict.value,
    text: `${verdict.isBetter === 'higher' ? '↑' : '↓'} ${verdict.value.toFixed(2)}`,
    must: verdict.must,
    target: verdict.target,
    isOurs: true
  })))
  const first = panel('Seconds (logarithmic; median, min and max)', seconds, 0)
  const second = panel('Ratios (logarithmic; red: must, green: target; ↓ lower is better, ↑ higher is better)', ratios, first.height)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${first.height + second.height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${first.svg}
${second.svg}
</svg>
`
}

function isOurs (name: string): boolean {
  return /^(HTTP|undo|\d+th million|first million)/.test(name)
}

function isRatio ({ figure, value }: Verdict): boolean {
  return figure.includes(' / ') && value > 0
}

function panel (title: string, bars: readonly Bar[], top: number): { svg: string, height: number } {
  if (bars.length === 0) return { svg: '', height: 0 }
  const scale = scaleOf(bars)
  const lines = bars.map((bar, index) => drawBar(bar, top + HEAD + index * LINE, scale))
  return {
    svg: `<text x="12" y="${top + 26}" font-size="15" font-weight="bold">${escape(title)}</text>\n${lines.join('\n')}`,
    height: HEAD + bars.length * LINE + 12
  }
}

/** Returns the x-coordinate of a value. The axis begins below the smallest value or bound and ends at the largest. */
function scaleOf (bars: readonly Bar[]): (value: number) => number {
  const all = bars.flatMap(({ value, range = [value, value], must = value, target = value }) => [...range, must, target])
  const low = Math.log(Math.min(...all) / 1.5)
  const high = Math.log(Math.max(...all))
  return value => LABEL + (WIDTH - LABEL - RIGHT) * (Math.log(value) - low) / (high - low)
}

function drawBar (
  { label, value, text, range, must, target, isOurs }: Bar, top: number, scale: (value: number) => number
): string {
  const middle = top + BAR / 2
  return [
    `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escape(label)}</text>`,
    `<rect x="${LABEL}" y="${top}" width="${round(scale(value) - LABEL)}" height="${BAR}" fill="${isOurs ? '#2b6cb0' : '#a0aec0'}"/>`,
    ...range === undefined ? [] : [drawLine(scale(range[0]), middle, scale(range[1]), middle, '#1a202c')],
    ...[[must, '#c53030'], [target, '#2f855a']].flatMap(([bound, colour]) => (
      typeof bound === 'number' ? [drawLine(scale(bound), top - 4, scale(bound), top + BAR + 4, String(colour))] : [])),
    `<text x="${WIDTH - RIGHT + 12}" y="${middle + 4}">${text}</text>`
  ].join('\n')
}

function drawLine (x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${round(x1)}" y1="${y1}" x2="${round(x2)}" y2="${y2}" stroke="${colour}" stroke-width="2"/>`
}

function round (value: number): string {
  return value.toFixed(1)
}

function escape (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
