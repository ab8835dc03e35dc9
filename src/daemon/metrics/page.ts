/** One page of metrics, in one of the two formats that Prometheus reads. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Histogram, OpenMetricsContentType, PrometheusContentType } from 'prom-client';

/** `text`: https://prometheus.io/docs/instrumenting/exposition_formats; `openmetrics`: https://prometheus.io/docs/specs/om/open_metrics_spec */
export type MetricsFormat = 'text' | 'openmetrics';

type Labels = Readonly<Record<string, string>>;

/** Takes the value that something has now. */
export interface Measure {
  set(value: number, labels?: Labels): void;
}

export class MetricsPage {
  readonly #format: MetricsFormat;
  readonly #registry = new Registry<PrometheusContentType | OpenMetricsContentType>();

  constructor(format: MetricsFormat) {
    this.#format = format;
    if (format === 'openmetrics') this.#registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  }

  get type(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }

  gauge(name: string, help: string, ...labelNames: readonly string[]): Measure {
    const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
    return { set: (value, labels = {}) => gauge.set(labels, value) };
  }

  /** What only grows. `name` is without the `_total` that both formats show. */
  counter(name: string, help: string, ...labelNames: readonly string[]): Measure {
    // prom-client writes `_total` behind the name in OpenMetrics alone.
    const told = this.#format === 'text' ? `${name}_total` : name;
    const counter = new Counter({ name: told, help, labelNames: [...labelNames], registers: [this.#registry] });
    return {
      set(value, labels = {}) {
        counter.remove(labels);
        counter.inc(labels, value);
      },
    };
  }

  /** A counter that was told as a gauge without `_total`, and still is in the text format, where these are two names. */
  formerGauge(name: string, help: string, ...labelNames: readonly string[]): Measure {
    const counter = this.counter(name, help, ...labelNames);
    if (this.#format === 'openmetrics') return counter;
    const gauge = this.gauge(name, `${help} (by its former name)`, ...labelNames);
    return {
      set(value, labels) {
        counter.set(value, labels);
        gauge.set(value, labels);
      },
    };
  }

  histogram(histogram: Histogram): void {
    this.#registry.registerMetric(histogram);
  }
}
