/** Something that lasts until it is ended. */
export class Lasting {
  end: () => void = () => {}
  readonly ended = new Promise<void>(resolve => { this.end = resolve })
}
