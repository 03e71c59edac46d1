using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace IlgpuVae.Runtime;

/// <summary>The OpenCL part of the device survey, which also lists the devices that ILGPU passes over in silence.</summary>
internal static class OpenCLSurvey
{
    private const string Pocl = "pocl-opencl-icd 5 or newer (Debian 13, Ubuntu 24.04)";
    private const string OnProcessor = "this is a processor, and the device cpu is faster on it";
    private const int MaxDevicesPerPlatform = 64;

    internal static IEnumerable<DeviceFinding> Find()
    {
        if (!NativeLibraries.TryLoad(NativeLibraries.OpenCL, out _, out string? file))
        {
            yield return Nothing("There is no OpenCL loader (libOpenCL.so.1, OpenCL.dll).",
                "if there is a GPU for OpenCL, install ocl-icd-libopencl1 and its vendor's driver; the processor needs neither");
            yield break;
        }

        CLAPI api = CLAPI.CurrentAPI;
        if (!api.IsSupported || api.GetNumPlatforms(out int platformCount) != CLError.CL_SUCCESS)
        {
            yield return Nothing($"The OpenCL loader is there ({file}), but no driver is registered with it.",
                "if there is a GPU for OpenCL, install its vendor's driver; the processor needs none");
            yield break;
        }

        string? note = DeviceSurvey.NoteOn(NativeLibraries.OpenCL, file);
        // ILGPU numbers the devices that it accepts; asking it keeps our names equal to the ones it selects by.
        List<nint> accepted = [.. CLDevice.GetDevices(IsAccepted).Cast<CLDevice>().Select(device => device.DeviceId)];
        nint[] platforms = new nint[platformCount];
        CLException.ThrowIfFailed(api.GetPlatforms(platforms, ref platformCount));
        foreach (nint platform in platforms)
        {
            nint[] devices = new nint[MaxDevicesPerPlatform];
            if (api.GetDevices(platform, CLDeviceType.CL_DEVICE_TYPE_ALL, devices, out int count) != CLError.CL_SUCCESS)
            {
                string name = api.GetPlatformInfo(platform, CLPlatformInfoType.CL_PLATFORM_NAME);
                yield return Nothing(
                    $"The OpenCL platform {name} has no device.", "check that its device is present and accessible to this user");
                continue;
            }

            foreach (nint device in devices.Take(count))
                yield return Describe(api, platform, device, accepted.IndexOf(device), note);
        }
    }

    // ILGPU's own rule for the devices it registers by default.
    private static bool IsAccepted(CLDevice device) =>
        device.CLStdVersion >= CLBackend.MinimumVersion && device.Capabilities.GenericAddressSpace;

    private static DeviceFinding Describe(CLAPI api, nint platform, nint id, int index, string? note)
    {
        string name = api.GetDeviceInfo(id, CLDeviceInfoType.CL_DEVICE_NAME);
        string version = api.GetDeviceInfo(id, CLDeviceInfoType.CL_DEVICE_VERSION);
        string driver = api.GetDeviceInfo(id, CLDeviceInfoType.CL_DRIVER_VERSION);
        DeviceFinding finding = new() { Backend = "opencl", Device = name.Trim(), Version = $"{version.Trim()}, driver {driver.Trim()}" };
        CLDevice device;
        try
        {
            device = new CLDevice(platform, id);
        }
        catch (CLException exception)
        {
            return finding with { Problem = $"ILGPU cannot read the device: {exception.Message}", Cure = "update its OpenCL driver" };
        }

        finding = finding with
        {
            MemoryBytes = device.MemorySize,
            ComputeUnits = device.NumMultiprocessors,
            WarpSize = device.WarpSize > 0 ? device.WarpSize : null,
        };
        if (index >= 0)
        {
            bool isGraphics = device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);
            return finding with { Name = $"opencl:{index}", Note = isGraphics ? note : DeviceSurvey.Join(note, OnProcessor) };
        }

        if (IsAccepted(device))
            return finding with { Problem = "The device is not available at present.", Cure = "check that no other program holds it" };
        string language = api.GetDeviceInfo(id, CLDeviceInfoType.CL_DEVICE_OPENCL_C_VERSION).Trim();
        return finding with
        {
            Problem = $"It has {language} without the generic address space, which ILGPU needs.",
            Cure = device.Vendor == CLDeviceVendor.Nvidia ? "use the CUDA device"
                : device.PlatformName.Contains("Portable Computing Language", StringComparison.Ordinal) ? $"upgrade to {Pocl}"
                : "use a driver that has it",
        };
    }

    private static DeviceFinding Nothing(string problem, string cure) => new() { Backend = "opencl", Problem = problem, Cure = cure };
}
