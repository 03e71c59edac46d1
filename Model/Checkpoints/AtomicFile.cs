using System.Runtime.InteropServices;
using System.Text;

namespace IlgpuVae.Model.Checkpoints;

/// <summary>Replaces a file as a whole: whatever happens, its path holds the old content or the new, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes <paramref name="path"/> through a temporary file beside it, which is flushed to the disk before it takes the old file's
    /// place. A write that fails leaves the old file untouched and removes the temporary one.
    /// </summary>
    /// <param name="path">File to write; its folder must exist.</param>
    /// <param name="write">Writes the content to the stream it is given.</param>
    /// <remarks>
    /// On Unix the folder is flushed too, so that the rename survives a power cut. On Windows the file system's journal orders the
    /// rename after the flushed data, but may lose the rename itself: the old file is then still there.
    /// </remarks>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);

        // One fixed name: what a killed process leaves behind is overwritten by the next write instead of piling up.
        string temporary = full + ".tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (!OperatingSystem.IsWindows())
            FlushFolder(Path.GetDirectoryName(full)!);
    }

    // Best effort: some file systems refuse to flush a folder, and the content itself is already on the disk.
    private static void FlushFolder(string folder)
    {
        const int readOnly = 0;
        int descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), readOnly);
        if (descriptor < 0)
            return;
        _ = FlushToDisk(descriptor);
        _ = Close(descriptor);
    }

    // .NET opens no folder as a file, so the three calls go to the C library.
    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FlushToDisk(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
