/** A request for a task other than text after the pipeline has resolved it: handles are bytes or URLs. */
export interface TaskRequest<Params> {
  /** What to draw, film, say, search for. Empty where the task takes none. */
  readonly prompt: string;
  readonly params: Params;
  /** Native fields for this provider, merged into its body last. */
  readonly provider_options?: Readonly<Record<string, unknown>> | undefined;
}
