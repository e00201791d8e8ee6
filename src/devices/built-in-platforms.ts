import aristaEos from "./platforms/arista-eos.yaml";
import arubaAoscx from "./platforms/aruba-aoscx.yaml";
import ciscoAsa from "./platforms/cisco-asa.yaml";
import ciscoIos from "./platforms/cisco-ios.yaml";
import ciscoIosxr from "./platforms/cisco-iosxr.yaml";
import ciscoNxos from "./platforms/cisco-nxos.yaml";
import fortinetFortios from "./platforms/fortinet-fortios.yaml";
import frrVtysh from "./platforms/frr-vtysh.yaml";
import generic from "./platforms/generic.yaml";
import hpComware from "./platforms/hp-comware.yaml";
import hpProcurve from "./platforms/hp-procurve.yaml";
import huaweiVrp from "./platforms/huawei-vrp.yaml";
import juniperJunos from "./platforms/juniper-junos.yaml";
import mikrotikRouteros from "./platforms/mikrotik-routeros.yaml";
import nokiaSros from "./platforms/nokia-sros.yaml";
import nokiaSrosClassic from "./platforms/nokia-sros-classic.yaml";
import paloaltoPanos from "./platforms/paloalto-panos.yaml";
import ubiquitiEdgeswitch from "./platforms/ubiquiti-edgeswitch.yaml";
import vyos from "./platforms/vyos.yaml";

/** The texts of the platform files that come with Holdfast, by the names of their platforms; `generic` takes any CLI that is none of the others. */
export const builtInPlatforms: ReadonlyMap<string, string> = new Map([
  ["arista_eos", aristaEos],
  ["aruba_aoscx", arubaAoscx],
  ["cisco_asa", ciscoAsa],
  ["cisco_ios", ciscoIos],
  ["cisco_iosxr", ciscoIosxr],
  ["cisco_nxos", ciscoNxos],
  ["fortinet_fortios", fortinetFortios],
  ["frr_vtysh", frrVtysh],
  ["generic", generic],
  ["hp_comware", hpComware],
  ["hp_procurve", hpProcurve],
  ["huawei_vrp", huaweiVrp],
  ["juniper_junos", juniperJunos],
  ["mikrotik_routeros", mikrotikRouteros],
  ["nokia_sros", nokiaSros],
  ["nokia_sros_classic", nokiaSrosClassic],
  ["paloalto_panos", paloaltoPanos],
  ["ubiquiti_edgeswitch", ubiquitiEdgeswitch],
  ["vyos", vyos],
]);
