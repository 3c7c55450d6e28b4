// What of the npm package `oidc-provider` the tests use; it brings no types of its own.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export class Provider {
    constructor(issuer: string, configuration: object);
    on(event: 'backchannel.error', listener: (context: unknown, problem: Error) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    /** Ends an interaction: the browser goes on with what came of it. */
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  }

  export namespace interactionPolicy {
    class Prompt {
      constructor(about: { readonly name: string; readonly requestable?: boolean });
      readonly name: string;
    }
    function base(): { add(prompt: Prompt, at?: number): void };
  }
}
