import type { Log } from '@cx/core'

/** To so many messages Slack cuts the pages of apps that are sold outside of its Marketplace. */
const limitedPage = 15

/**
 * Which of Slack's two classes of rate limits this app falls into: Slack does not say, but shows.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export class LimitClass {
  readonly #log: Log
  #limited = false
  #roomy = false
  #messages = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** One call a minute and 15 messages a call. */
  get limited(): boolean {
    return this.#limited
  }

  /** Looks at a page of messages that was asked for with room for hundreds. */
  page(messages: number, hasMore: boolean): void {
    this.#messages += messages
    if (messages > limitedPage) {
      this.#roomy = true
      this.#limited = false
    }
    if (messages !== limitedPage || !hasMore || this.#limited || this.#roomy) return
    this.#limited = true
    this.#log.warn(
      `Slack limits this app to 1 call a minute with 15 messages each (a page was cut to that): its class for apps distributed outside the Marketplace. Expect about 1 h 7 min for 1,000 messages and 17 h for 1,000 threads; syncs look back one day only. An app that your own workspace created has no such limit, and a Slack export (\`exportPath\`) spares the calls for old messages.`,
      { messagesSoFar: this.#messages, callsPerMinute: 1, messagesPerCall: limitedPage },
    )
  }
}
