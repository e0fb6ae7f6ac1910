"""How the page looks, on a screen and on paper."""

from babel import Locale

from services.portfolio.domain.report.brand import Brand

_LETTER = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "CR", "GT", "NI", "PA", "PR", "SV", "VE", "BZ"})
"""Territories that print on Letter (CLDR's measurement data); everybody else prints on A4."""

_CSS = """
*{box-sizing:border-box}
:root{--ink:#16202c;--soft:#556170;--line:#d9dfe6;--good:#2f6b45;--warn:#a33b2f;--paper:#fff;--chart-negative:#a33b2f}
body{margin:0 auto;max-width:54rem;padding:1.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:15px/1.5 "Helvetica Neue",Arial,"Liberation Sans","Noto Sans",system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:0}
h2{font-size:1.2rem;line-height:1.25;margin:2rem 0 .5rem;padding-top:.5rem;border-top:2px solid var(--accent);
color:var(--accent)}
h3{font-size:1rem;margin:1.25rem 0 .35rem}h4{font-size:.92rem;margin:.9rem 0 .25rem}
p{margin:.4rem 0}ul,ol{margin:.35rem 0;padding-left:1.3rem}li{margin:.15rem 0}
.soft{color:var(--soft);font-size:.85rem}.warn{color:var(--warn)}.lead{font-size:1.06rem;font-weight:600}
.band{background:var(--brand);color:var(--on-brand);padding:1.1rem 1.25rem;display:flex;align-items:center;
gap:1.25rem;flex-wrap:wrap}
.brand{margin:0;font-weight:600;width:100%}
.logo{max-height:2.75rem;max-width:12rem;background:#fff;padding:.3rem;border-radius:.2rem}
.cover dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.5rem 1.25rem;margin:0;
padding:.8rem 1.25rem;
border:1px solid var(--line);border-top:0}
dt{color:var(--soft);font-size:.8rem}dd{margin:0}.cover dd{font-weight:600}.cover dl div:first-child{grid-column:span 2}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:.6rem;margin:.5rem 0}
.tiles.three{grid-template-columns:repeat(3,1fr)}
.tile{border:1px solid var(--line);border-left:4px solid var(--accent);padding:.5rem .65rem;display:flex;
flex-direction:column}
.tile dt{flex:1}.tile dd:nth-child(2){font-size:1.16rem;font-weight:700;overflow-wrap:normal}
.tile .soft{font-size:.72rem}
.figure{font-variant-numeric:tabular-nums}.minus{color:var(--warn)}
.box{border:1px solid var(--line);padding:0 1rem .75rem;margin-top:1.5rem;background:#f7f9fb}.box h2{border:0;
margin:.5rem 0 .25rem}
.kept{color:var(--good)}.broken{color:var(--warn)}
table{border-collapse:collapse;width:100%;font-size:.85rem;margin:.4rem 0}
th,td{text-align:left;padding:.28rem .5rem;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:break-word}
th,strong{overflow-wrap:normal}
th{color:var(--soft);font-weight:600}td.num,th.num{text-align:right;font-variant-numeric:tabular-nums}
td.num{white-space:nowrap}
.gauge{width:9rem;height:auto;margin-top:.2rem}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:.25rem 1.25rem;align-items:start}
figure{margin:.6rem 0}figure.full{grid-column:1/-1}figcaption{font-weight:600;font-size:.85rem;margin-bottom:.3rem}
svg{width:100%;height:auto;display:block}
svg text{font:12px "Helvetica Neue",Arial,"Liberation Sans","Noto Sans",system-ui,sans-serif;fill:var(--ink)}
.brief{columns:2;column-gap:1.75rem;font-size:.78rem;padding-left:1rem}.actions li{padding-left:.3rem;margin:.35rem 0}
.terms{columns:2;column-gap:1.75rem;font-size:.85rem}.terms div{break-inside:avoid;padding-bottom:.45rem}
.terms dt{font-weight:600;color:var(--ink)}
.appendix{font-size:.85rem}.appendix table{font-size:.78rem}.appendix th,.appendix td{padding:.14rem .4rem}
@media(max-width:40rem){.tiles{grid-template-columns:1fr 1fr}.charts{grid-template-columns:1fr}.terms{columns:1}
.gauge{width:4rem}}
@media print{
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
html{font-size:12px}body{max-width:none;padding:0;font-size:9pt;line-height:1.38}
h2{margin-top:1.4rem}h3{margin-top:.9rem}
h1,h2,h3,h4,figcaption{break-after:avoid}
thead{display:table-header-group}tr,li,figure,.tile,.box,.keep{break-inside:avoid}p{orphans:3;widows:3}
.tiles{grid-template-columns:repeat(4,1fr)}.tiles.three{grid-template-columns:repeat(3,1fr)}
.charts{grid-template-columns:1fr 1fr}.terms{columns:3;font-size:.78rem}.gauge{width:9rem}
.appendix{break-before:page}a{color:inherit}}
"""


def write_stylesheet(brand: Brand, locale: str, footer: str) -> str:
    """The rules, with the brand's colours, the paper of the locale, and ``footer`` on every printed page."""
    accent = brand.on_paper
    colours = f":root{{--brand:{brand.colour};--on-brand:{brand.on_colour};--accent:{accent};--chart-1:{accent}}}"
    size = "letter" if Locale.parse(locale).territory in _LETTER else "A4"
    small = 'font:8pt "Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#556170'
    page = (
        f"@page{{size:{size};margin:15mm 15mm 17mm;"
        f"@bottom-left{{content:{quote(footer)};{small}}}"
        f'@bottom-right{{content:"Page " counter(page) " of " counter(pages);{small}}}}}'
    )
    return _CSS + colours + page


def quote(text: str) -> str:
    """Text as a CSS string that can end neither itself nor the style element."""
    return '"' + "".join(char if char.isalnum() or char in " ,." else f"\\{ord(char):x} " for char in text) + '"'
