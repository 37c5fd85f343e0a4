// A space is visible between other characters.
const INVISIBLE = /^ | $|(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu

const MAX_SHOWN = 3

/** Count of characters that are searched: a value may be as long as a file. */
const MAX_SEARCHED_LENGTH = 65_536

/** Returns an addition to a message about a text with characters that its sender does not see, or else ''. */
export function describeInvisible (text: string): string {
  const found = new Set(text.slice(0, MAX_SEARCHED_LENGTH).match(INVISIBLE))
  const shown = [...found].slice(0, MAX_SHOWN).map(character => (
    `U+${Number(character.codePointAt(0)).toString(16).toUpperCase().padStart(4, '0')}`))
  if (shown.length === 0) return ''
  return `; invisible characters in it: ${shown.join(', ')}${found.size > MAX_SHOWN ? ' and more' : ''}`
}

/**
 * Returns a text whose control characters, except tabs and line breaks, are escaped as in JSON, because a terminal would obey
 * them.
 */
export function escapeControls (text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
