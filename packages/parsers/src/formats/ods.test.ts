import { describe, expect, it } from 'vitest'
import { run, zipOf } from '../../test/make-documents.ts'
import { ods } from './ods.ts'

const row = (text: string): string =>
  `<table:table-row><table:table-cell><text:p>${text}</text:p></table:table-cell></table:table-row>`
const content = (styles: string, sheets: string): string =>
  `<office:document-content><office:automatic-styles>${styles}</office:automatic-styles><office:body><office:spreadsheet>${sheets}</office:spreadsheet></office:body></office:document-content>`
const chart =
  '<office:document-content><office:body><office:chart><chart:chart><chart:title><text:p>Sales by</text:p><text:p>month</text:p></chart:title><chart:axis><chart:title><text:p>pieces</text:p></chart:title></chart:axis><table:table><table:table-row><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table></chart:chart></office:chart></office:body></office:document-content>'

describe('ods', () => {
  it('names the sheets that are hidden, and reads them', async () => {
    const styles =
      '<number:date-style style:name="N1"><number:text>-</number:text></number:date-style><style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style><style:style style:name="ce1" style:family="table-cell"><style:table-properties table:display="false"/></style:style>'
    const sheet = (name: string, style: string): string =>
      `<table:table table:name="${name}" table:style-name="${style}">${row(name)}</table:table>`
    const { markdown, metadata } = await run(
      ods,
      zipOf({ 'content.xml': content(styles, sheet('Seen', 'ta1') + sheet('Kept', 'ta2') + sheet('Last', 'ce1')) }),
    )
    expect(markdown).toBe('## Seen\n\nSeen\n\n## Kept\n\nKept\n\n## Last\n\nLast')
    expect(metadata).toEqual({ hiddenSheets: ['Kept'] })
  })

  it('takes the titles of charts, not their values again', async () => {
    const frame = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    const sheet = `<table:table table:name="S"><table:shapes>${frame}</table:shapes>${row('3')}</table:table>`
    const { markdown } = await run(ods, zipOf({ 'content.xml': content('', sheet), 'Object 1/content.xml': chart }))
    expect(markdown).toBe('## S\n\n3\n\nSales by month\n\npieces')
    // In a flat file the object lies inside.
    const flat = content('', sheet.replace('xlink:href="./Object 1"/>', `>${chart}</draw:object>`))
    const { markdown: plain } = await run(ods, flat.replaceAll('office:document-content', 'office:document'))
    expect(plain).toBe('## S\n\n3\n\nSales by month\n\npieces')
  })

  it('puts headers and footers last, and what shapes and controls show below their sheet', async () => {
    const forms =
      '<office:forms><form:form><form:button form:id="c1" form:label="Send"><form:properties/></form:button></form:form></office:forms>'
    const drawn = `<table:shapes><draw:control draw:control="c1"/><draw:caption><text:p>Note this</text:p></draw:caption></table:shapes>`
    const page = `<style:header><style:region-left><text:p>Acme <text:sheet-name>???</text:sheet-name></text:p></style:region-left><style:region-right><text:p><text:date>10/26/2011</text:date></text:p><text:p>Internal use</text:p></style:region-right></style:header>
      <style:header-left style:display="false"><text:p>Not shown</text:p></style:header-left><style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer>`
    const styles = `<office:document-styles><office:master-styles><style:master-page>${page}</style:master-page></office:master-styles></office:document-styles>`
    const sheet = `<table:table table:name="S">${forms}${drawn}${row('3')}</table:table>`
    const { markdown } = await run(ods, zipOf({ 'content.xml': content('', sheet), 'styles.xml': styles }))
    expect(markdown).toBe('## S\n\n3\n\nSend\n\nNote this\n\nAcme\n\nInternal use')
  })
})
