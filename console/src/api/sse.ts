export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Text of an event stream, in pieces, into events (WHATWG HTML 9.2.6, of which loopd sends id, event, data and comments). */
export class EventReader {
  #rest = '';
  #id = '';

  /** The last id seen, to go on from. */
  get lastId(): string {
    return this.#id;
  }

  read(piece: string): readonly ServerEvent[] {
    const blocks = `${this.#rest}${piece}`.replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => this.#event(block) ?? []);
  }

  #event(block: string): ServerEvent | undefined {
    let event = 'message';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
      if (field === 'id') this.#id = value;
      else if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
    return data.length === 0 ? undefined : { id: this.#id, event, data: data.join('\n') };
  }
}
