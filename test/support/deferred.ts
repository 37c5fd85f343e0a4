/** A promise that the test resolves. */
export class Deferred {
  resolve: () => void = () => {}
  readonly promise = new Promise<void>(resolve => { this.resolve = resolve })
}
