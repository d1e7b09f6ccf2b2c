/// The look of a page. The series colours are Okabe and Ito's, which people with any colour vision tell apart; each series
/// has its own dash pattern besides.
enum Style {
  static let seriesCount = 6

  static let sheet = """
    :root {
      --ground: #ffffff; --ink: #1b1f24; --quiet: #5b6470; --rule: #d5dae0; --faint: #eef1f4; --accent: #0b5cad;
      --s0: #0072b2; --s1: #d55e00; --s2: #00805c; --s3: #a3478a; --s4: #5b6470; --s5: #9a7400;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #15181c; --ink: #e6e9ed; --quiet: #9aa4af; --rule: #363d46; --faint: #20252b; --accent: #6cb2f5;
        --s0: #56b4e9; --s1: #ff8a4c; --s2: #3fc79a; --s3: #e08cc4; --s4: #9aa4af; --s5: #e6c229;
      }
    }
    @media print {
      :root {
        --ground: #ffffff; --ink: #000000; --quiet: #444444; --rule: #bbbbbb; --faint: #f3f3f3;
        --s0: #0072b2; --s1: #d55e00; --s2: #00805c; --s3: #a3478a; --s4: #5b6470; --s5: #9a7400;
      }
      section { break-inside: auto; } figure, table, .row > * { break-inside: avoid; } h2 { break-after: avoid; }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
    }
    h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.015em; margin: 0 0 0.35rem; text-wrap: balance; }
    h2 { font-size: 1.25rem; margin: 2.75rem 0 0.75rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--rule); }
    p, li { max-width: 44rem; }
    .subtitle { color: var(--quiet); margin: 0; }
    .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2rem; }
    figure { margin: 1.25rem 0; }
    figcaption, caption { color: var(--quiet); font-size: 0.9rem; text-align: left; }
    figcaption strong, caption strong { color: var(--ink); font-weight: 600; }
    caption { caption-side: top; padding-bottom: 0.45rem; }
    .scroll { overflow-x: auto; margin: 1.25rem 0; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.94rem; min-width: 24rem; }
    th, td { padding: 0.32rem 1.4rem 0.32rem 0; text-align: left; vertical-align: baseline; white-space: nowrap; }
    th:last-child, td:last-child { padding-right: 0.2rem; }
    .number { text-align: right; }
    thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; }
    tbody th { font-weight: 400; }
    tbody tr + tr > * { border-top: 1px solid var(--rule); }
    svg { display: block; width: 100%; max-width: 40rem; height: auto; overflow: visible; }
    svg text { fill: var(--quiet); font: 13.5px system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
    svg text.label { fill: var(--ink); }
    svg .grid { stroke: var(--rule); stroke-width: 1; shape-rendering: crispEdges; }
    svg .axis { stroke: var(--quiet); stroke-width: 1; shape-rendering: crispEdges; }
    svg .line { fill: none; stroke-width: 1.9; stroke-linejoin: round; stroke-linecap: round; }
    svg .bar { fill: none; stroke-width: 1.2; stroke-dasharray: none; }
    svg .block { fill: var(--s0); }
    .pictures img { width: 9rem; }
    .pictures td, .pictures th { vertical-align: top; padding-right: 0.8rem; }
    .pictures th small { color: var(--quiet); display: block; font-weight: 400; }
    img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 3px; }
    \(series)
    """

  private static let dashes = ["none", "7 4", "2 4", "10 3 2 3", "4 3", "1 3"]

  private static let series = (0..<seriesCount).map {
    ".s\($0) { stroke: var(--s\($0)); stroke-dasharray: \(dashes[$0]); } .m\($0) { fill: var(--s\($0)); }"
  }.joined(separator: "\n")
}
