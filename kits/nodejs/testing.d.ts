import type { Answers, Data, DecideAnswer, Kind, Meta, RecordedEvent, Turns } from './index.js';

/** A command; its data is by default empty. */
export interface CommandSketch {
  type: string;
  data?: Data;
}

/** An event; its data is by default empty. What else the log knows of it is filled in, unless it is given. */
export type EventSketch = CommandSketch & Partial<RecordedEvent>;

/** Given these events, when this command comes, then it leads to events or is rejected. Give either then or rejected. */
export type Decision = {
  /** The aggregate's id, or the value of the slice's tag. */
  id?: string;
  /** The history, oldest first. Default: none. */
  given?: readonly EventSketch[];
  /** The command. */
  when: CommandSketch;
  /** The snapshot before the history. Default: none. */
  snapshot?: Data;
  /** What is not the default of the turn's meta, such as actor. */
  meta?: Partial<Meta>;
} & (
  | {
      /** The events, with all of their data; empty when there is nothing to change. */
      then: readonly CommandSketch[];
      rejected?: never;
    }
  | {
      then?: never;
      /** The code of the refusal. */
      rejected: string;
    }
);

/** Given this row, when an event comes, or several, then the row is this. */
export interface Projection {
  /** The row's key. Default: row-1. */
  id?: string;
  /** The row before; its field id is filled in. Default: null, which is none. */
  given?: Data | null;
  /** The event, or several in their order; each is a day after the one before. */
  when: EventSketch | readonly EventSketch[];
  /** The row, null when there is none any more; its field id may be left out. Without it nothing is compared. */
  then?: Data | null;
  /** What is not the default of the turn's meta. */
  meta?: Partial<Meta>;
}

/** A turn without what is the same in all: version, plugin, and of meta what has a default. */
export type TurnSketch<Of extends Kind> = Partial<Omit<Turns[Of], 'kind' | 'meta'>> & {
  kind: Of;
  component: string;
  meta?: Partial<Meta>;
};

/** A plugin under test. */
export interface Plugin {
  /** Asks the handler about a turn of any kind and returns its answer. */
  ask<Of extends Kind>(turn: TurnSketch<Of>): Promise<Answers[Of]>;
  /** Tests a decision and returns the answer. Throws an AssertionError when another one comes. */
  decide(component: string, decision: Decision): Promise<DecideAnswer>;
  /** Tests a projection and returns the row. Throws an AssertionError when another one comes. */
  project(component: string, projection: Projection): Promise<Data | null>;
}

/** Puts a handler under test. name is the plugin's. */
export function plugin(handler: (turn: any) => unknown, options?: { name?: string }): Plugin;

/** The time of the event of a number: noon, a day after the one before, from 2026-01-01T12:00:00.000Z on. */
export function time(number: number): string;
